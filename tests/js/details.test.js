import assert from "node:assert/strict";
import { test } from "node:test";

import { faultOf } from "../../static/js/upload/details.js";

test("a title is missed when nothing but blanks is left of it; other fields may be empty", () => {
  assert.equal(faultOf({ name: "title", value: "Rain" }), "");
  assert.equal(faultOf({ name: "title", value: "  " }), "A film needs a title.");
  assert.equal(faultOf({ name: "description", value: "" }), "");
});
