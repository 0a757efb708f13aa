/** Chapters in the owner's panel. */

export {};
