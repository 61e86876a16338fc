import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseLanguage, count, english, fill, spellDate } from "../src/language";
import es from "../src/languages/es.json";

function leaves(value: unknown, path = ""): Map<string, string> {
  if (typeof value !== "object" || value === null) return new Map([[path, String(value)]]);
  return new Map(
    Object.entries(value).flatMap(([key, part]) => [...leaves(part, `${path}.${key}`)]),
  );
}

test("every language has the same texts with the same gaps to fill", () => {
  const gaps = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();
  const theirs = leaves(es);
  const ours = leaves(english);
  assert.deepEqual([...theirs.keys()].sort(), [...ours.keys()].sort());
  for (const [name, text] of ours) {
    assert.deepEqual(gaps(theirs.get(name) ?? ""), gaps(text), name);
    assert.ok(theirs.get(name)?.trim(), `${name} is empty`);
  }
});

test("the starting questions have the same ids in every language", () => {
  const ids = (greeting: typeof english.greeting): string[] => greeting.choices.map(({ id }) => id);
  assert.deepEqual(ids(es.greeting), ids(english.greeting));
  assert.ok(ids(english.greeting).every((id) => id.startsWith("start-")));
});

test("the first wished language that there is wins", () => {
  assert.equal(chooseLanguage("es-MX", "en"), "es");
  assert.equal(chooseLanguage(null, "ES"), "es");
  assert.equal(chooseLanguage("fr", "es"), "es");
  assert.equal(chooseLanguage("en", "es"), "en");
  assert.equal(chooseLanguage("fr", undefined, ""), "en");
});

test("gaps are filled, and numbers choose their form", () => {
  assert.equal(fill("{a} and {b} and {c}", { a: 1, b: "{a}" }), "1 and {a} and {c}");
  assert.equal(count(english.suggested, 1), "1 suggested reply");
  assert.equal(count(english.suggested, 3), "3 suggested replies");
});

test("days, months and years are spelled out, whatever the time zone", () => {
  assert.equal(spellDate("2026-11-22", "en"), "November 22, 2026");
  assert.equal(spellDate("2026-11-01", "es"), "1 de noviembre de 2026");
  assert.equal(spellDate("2025-10", "en"), "October 2025");
  assert.equal(spellDate("2024", "en"), "2024");
  assert.equal(spellDate("undated", "en"), "undated");
});
