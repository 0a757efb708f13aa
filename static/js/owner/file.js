/** The file in the owner's panel: replacing, withdrawing. */

export {};
