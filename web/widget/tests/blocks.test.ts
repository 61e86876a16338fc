import assert from "node:assert/strict";
import { test } from "node:test";
import { blocksOf, dial, isWebAddress, spoken } from "../src/blocks";

test("paragraphs are parted by blank lines, and a broken line goes on", () => {
  assert.deepEqual(blocksOf("One line\nthat goes on.\n \nTwo."), [
    { paragraph: "One line that goes on." },
    { paragraph: "Two." },
  ]);
});

test("lines that begin with a dash are a list, also right after a paragraph", () => {
  assert.deepEqual(blocksOf("Three things:\n- rest\n- cooling\n  vests\n- a stick\nThat is all."), [
    { paragraph: "Three things:" },
    { list: ["rest", "cooling vests", "a stick"] },
    { paragraph: "That is all." },
  ]);
});

test("a dash inside a line, markup and odd line ends are plain text", () => {
  assert.deepEqual(blocksOf("a - b\r\n\r\n<b>-5 °C</b>\r\n\r\n-5 °C"), [
    { paragraph: "a - b" },
    { paragraph: "<b>-5 °C</b>" },
    { paragraph: "-5 °C" },
  ]);
  assert.deepEqual(blocksOf(" \n\n "), []);
});

test("what is spoken has a stop after each block", () => {
  assert.equal(spoken("Some help\n\n- rest\n- cooling!"), "Some help. rest. cooling!");
});

test("phone numbers become addresses that a phone can dial", () => {
  assert.equal(dial("1-800-344-4867"), "tel:+18003444867");
  assert.equal(dial("988"), "tel:988");
  assert.equal(dial("988, then press 1"), "tel:988");
  assert.equal(dial("0808 800 8000"), "tel:08088008000");
  assert.equal(dial("by web only"), null);
});

test("only web addresses become links", () => {
  assert.ok(isWebAddress("https://example.org/"));
  assert.ok(!isWebAddress("javascript:alert(1)"));
  assert.ok(!isWebAddress("//example.org"));
  assert.ok(!isWebAddress(null));
});
