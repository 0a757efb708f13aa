/** <film-making data-video="id">: how the film is made, and what its owner may do about it. */

export {};
