/** Captions in the owner's panel. */

export {};
