import assert from "node:assert/strict";
import { test } from "node:test";

import { GrantKeeper, grantOf, lifeMs, underGrant } from "../../static/js/player/grants.js";

test("the grant is the part after /media/, absolute address or not", () => {
  assert.equal(grantOf("/media/abc/item/v1/master.m3u8"), "abc");
  assert.equal(grantOf("https://films.example/media/abc/item/v1/720p.mp4"), "abc");
  assert.equal(grantOf("/static/x.js"), null);
});

test("an address moves under another grant and stays the same otherwise", () => {
  assert.equal(underGrant("/media/old/item/v1/720p.m3u8?x=1", "new"), "/media/new/item/v1/720p.m3u8?x=1");
  assert.equal(
    underGrant("https://films.example:8000/media/old/item/v1/720p.mp4", "new"),
    "https://films.example:8000/media/new/item/v1/720p.mp4",
  );
  assert.equal(underGrant("https://elsewhere.example/file.mp4?signature=1", "new"), "https://elsewhere.example/file.mp4?signature=1");
});

test("the life of a grant is told by the server's clock, not by one that is wrong here", () => {
  const expires = "2026-11-21T12:00:20Z";
  assert.equal(lifeMs(expires, "Sat, 21 Nov 2026 12:00:00 GMT", 0), 20_000);
  assert.equal(lifeMs(expires, null, Date.parse("2026-11-21T12:00:05Z")), 15_000);
  assert.equal(lifeMs(expires, "Sat, 21 Nov 2026 13:00:00 GMT", 0), 0);
});

test("requests wait for a renewal that is under way and then use the new grant", async () => {
  /** @type {() => void} */
  let finish = () => {};
  let renewals = 0;
  const keeper = new GrantKeeper(
    () =>
      new Promise((resolve) => {
        renewals += 1;
        finish = () => {
          keeper.take("/media/second/item/v1/master.m3u8", 60_000);
          resolve();
        };
      }),
  );
  keeper.take("/media/first/item/v1/master.m3u8", 60_000);
  assert.equal(await keeper.current("/media/first/item/v1/720p.mp4"), "/media/first/item/v1/720p.mp4");
  void keeper.renewNow();
  void keeper.renewNow();
  const asked = keeper.current("/media/first/item/v1/720p.mp4");
  finish();
  assert.equal(await asked, "/media/second/item/v1/720p.mp4");
  assert.equal(renewals, 1);
  keeper.stop();
});

test("a renewal comes by itself before the grant ends", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  let renewals = 0;
  const keeper = new GrantKeeper(async () => void (renewals += 1));
  keeper.take("/media/first/item/v1/master.m3u8", 20_000);
  context.mock.timers.tick(15_999);
  assert.equal(renewals, 0);
  context.mock.timers.tick(1);
  assert.equal(renewals, 1);
  keeper.stop();
});

test("a renewal that fails does not hold requests back", async () => {
  const keeper = new GrantKeeper(() => Promise.reject(new TypeError("offline")));
  keeper.take("/media/first/item/v1/master.m3u8", 60_000);
  await keeper.renewNow();
  assert.equal(await keeper.current("/media/first/item/v1/720p.mp4"), "/media/first/item/v1/720p.mp4");
  keeper.stop();
});

test("a renewal that failed is tried again by itself, further and further apart, until somebody stops it", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  let renewals = 0;
  let isBack = false;
  const keeper = new GrantKeeper(async () => {
    renewals += 1;
    if (isBack) keeper.take("/media/second/item/v1/master.m3u8", 60_000);
  });
  const after = async (/** @type {number} */ ms) => {
    context.mock.timers.tick(ms);
    await new Promise(setImmediate);
    return renewals;
  };
  keeper.take("/media/first/item/v1/master.m3u8", 10_000);
  assert.equal(await after(8000), 1);
  assert.equal(await after(1000), 2);
  assert.equal(await after(1000), 2);
  assert.equal(await after(1000), 3);
  isBack = true;
  assert.equal(await after(4000), 4);
  assert.equal(await after(47_000), 4);
  assert.equal(await after(1000), 5);
  assert.equal(await keeper.current("/media/first/item/v1/720p.mp4"), "/media/second/item/v1/720p.mp4");
  isBack = false;
  assert.equal(await after(48_000), 6);
  keeper.stop();
  assert.equal(await after(120_000), 6);
});

test("who stops while a renewal is under way hears of no other", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  let renewals = 0;
  const keeper = new GrantKeeper(async () => void (renewals += 1));
  keeper.take("/media/first/item/v1/master.m3u8", 10_000);
  const renewal = keeper.renewNow();
  keeper.stop();
  await renewal;
  context.mock.timers.tick(120_000);
  assert.equal(renewals, 1);
});
