/** The poster in the owner's panel. */

export {};
