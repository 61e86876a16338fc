import assert from "node:assert/strict";
import { test } from "node:test";
import { Problem } from "../src/api";
import { UNDO_MS } from "../src/conversation";
import { FakeServer, FakeStorage, settle, tab } from "./fakes";

test("the first message opens the conversation, the greeting comes along", async () => {
  const server = new FakeServer();
  const { conversation, told } = tab(server);
  await conversation.restore();
  assert.equal(server.opened, 0, "looking at the chat opens nothing");
  conversation.ask("What is SPMS?", null);
  await settle();
  assert.deepEqual(told, [
    "asked What is SPMS?",
    "greeted Welcome",
    "answered What is SPMS?: On What is SPMS?",
  ]);
  assert.deepEqual(
    conversation.messages.map(({ text }) => text),
    ["Welcome", "What is SPMS?", "On What is SPMS?"],
  );
});

test("messages go out in order, one at a time", async () => {
  const server = new FakeServer();
  const { conversation } = tab(server);
  for (const text of ["one", "two", "three"]) conversation.ask(text, null);
  await settle();
  assert.deepEqual(
    server.sent.map(({ body }) => body),
    ["one", "two", "three"],
  );
  assert.equal(server.opened, 1);
});

test("a lost connection: told in words, tried again with the same key, taken once", async () => {
  const server = new FakeServer();
  const { conversation, told, time } = tab(server);
  server.faults = [new Problem(0, ""), new Problem(0, ""), new Problem(503, "")];
  conversation.ask("Hello", null);
  await settle();
  assert.ok(!told.some((line) => line.startsWith("delayed")), "a hiccup is not worth a word");
  const waits = [await time.pass(), await time.pass(), await time.pass()];
  assert.deepEqual(waits, [1000, 2000, 4000]);
  const end = ["delayed Hello: offline", "delayed Hello: fault", "answered Hello: On Hello"];
  assert.deepEqual(told.slice(-3), end);
  assert.equal(server.sent.length, 1);
});

test("too many at once: waits as long as the server asks", async () => {
  const server = new FakeServer();
  const { conversation, told, time } = tab(server);
  server.faults = [new Problem(429, "", 17)];
  conversation.ask("Hello", null);
  await settle();
  assert.equal(told.at(-1), "delayed Hello: busy");
  assert.equal(await time.pass(), 17_000);
  assert.equal(told.at(-1), "answered Hello: On Hello");
});

test("try now does not wait", async () => {
  const server = new FakeServer();
  const { conversation, told } = tab(server);
  server.faults = [new Problem(500, "")];
  conversation.ask("Hello", null);
  await settle();
  conversation.retryNow();
  await settle();
  assert.equal(told.at(-1), "answered Hello: On Hello");
});

test("a reload while waiting sends the message again with its key, and it is taken once", async () => {
  const server = new FakeServer();
  const first = tab(server);
  first.conversation.ask("one", null);
  await settle();
  const key = first.memory.unsent[0]?.key;
  assert.equal(key, undefined, "nothing is left when it is answered");

  server.faults = ["hang"];
  first.conversation.ask("two", null);
  await settle();
  const [unsent] = first.memory.unsent;
  assert.equal(unsent?.text, "two");
  // The server took it all the same; only the answer did not arrive.
  await server.send("t1", unsent!);

  const second = tab(server, first.local, first.session);
  assert.ok(second.conversation.waitsForRestore);
  await second.conversation.restore();
  await settle();
  const all = "shown [Welcome|one|On one|two|On two]";
  assert.deepEqual(second.told, [all, "asked two", all], "and shown once in the end");
  assert.equal(server.sent.filter(({ body }) => body === "two").length, 1);
});

test("another page shows the conversation so far", async () => {
  const server = new FakeServer();
  const first = tab(server);
  first.conversation.ask("one", null);
  await settle();
  const second = tab(server, first.local);
  await second.conversation.restore();
  assert.deepEqual(second.told, ["shown [Welcome|one|On one]"]);
});

test("two tabs go on with one conversation, and each sees what the other did", async () => {
  const server = new FakeServer();
  const one = tab(server);
  const two = tab(server, one.local);
  await one.conversation.restore();
  await two.conversation.restore();
  one.conversation.ask("first", null);
  await settle();
  await two.conversation.changedElsewhere();
  assert.equal(two.told.at(-1), "shown [Welcome|first|On first]");
  two.conversation.ask("second", null);
  await settle();
  await one.conversation.changedElsewhere();
  assert.equal(one.told.at(-1), "answered elsewhere: second|On second");
  assert.equal(server.opened, 1);
});

test("two tabs that ask at the same time show each other's turn", async () => {
  const server = new FakeServer();
  const one = tab(server);
  const two = tab(server, one.local);
  server.faults = [new Problem(503, "")];
  two.conversation.ask("second", null);
  await settle();
  one.conversation.ask("first", null);
  await settle();
  await two.conversation.changedElsewhere();
  assert.ok(!two.told.some((line) => line.includes("first")), "its own question comes first");
  await two.time.pass();
  assert.deepEqual(two.told.slice(-2), [
    "answered second: On second",
    "answered elsewhere: first|On first",
  ]);
});

test("an ended conversation: said kindly, and the message goes into a new one", async () => {
  const server = new FakeServer();
  const { conversation, told } = tab(server);
  conversation.ask("one", null);
  await settle();
  server.conversations.clear();
  conversation.ask("What SPMS is", "start-what_is_spms");
  await settle();
  assert.deepEqual(told.slice(-4), [
    "asked What SPMS is",
    "expired",
    "greeted Welcome",
    "answered What SPMS is: On What SPMS is",
  ]);
  assert.equal(server.opened, 2);
});

test("an ended conversation is said at once when the chat opens", async () => {
  const server = new FakeServer();
  const first = tab(server);
  first.conversation.ask("one", null);
  await settle();
  server.conversations.clear();
  const second = tab(server, first.local);
  await second.conversation.restore();
  assert.deepEqual(second.told, ["expired"]);
  assert.equal(second.memory.session, null);
});

test("a choice that is no longer on offer is sent in its words", async () => {
  const server = new FakeServer();
  const { conversation } = tab(server);
  conversation.ask("Help with walking", "old-1");
  await settle();
  assert.deepEqual(
    server.sent.map(({ body }) => body),
    ["Help with walking"],
  );
});

test("a message that the server refuses comes back with the reason", async () => {
  const server = new FakeServer();
  const { conversation, told, memory } = tab(server);
  server.faults = [new Problem(422, "Please shorten it.")];
  conversation.ask("long", null);
  conversation.ask("short", null);
  await settle();
  assert.ok(told.includes("refused long: Please shorten it."));
  assert.equal(told.at(-1), "answered short: On short");
  assert.deepEqual(memory.unsent, []);
  assert.ok(!conversation.messages.some(({ text }) => text === "long"));
});

test("a message taken back is not sent later", async () => {
  const server = new FakeServer();
  const { conversation, time, memory } = tab(server);
  server.faults = [new Problem(500, "")];
  conversation.ask("Hello", null);
  await settle();
  conversation.withdraw(memory.unsent[0]!.key);
  await time.pass();
  await settle();
  assert.equal(server.sent.length, 0);
  conversation.ask("Another", null);
  await settle();
  assert.deepEqual(
    server.sent.map(({ body }) => body),
    ["Another"],
  );
});

test("erase waits ten seconds, then the server erases", async () => {
  const server = new FakeServer();
  const { conversation, told, time, memory } = tab(server);
  conversation.ask("secret", null);
  await settle();
  void conversation.erase();
  assert.equal(told.at(-1), "shown [] erase");
  assert.equal(memory.session, null);
  assert.deepEqual(server.erased, []);
  assert.equal(await time.pass(), UNDO_MS);
  assert.deepEqual(server.erased, ["t1"]);
  assert.equal(told.at(-1), "erased");
  assert.deepEqual(memory.erasing, []);
});

test("undo brings an erased conversation back, and it goes on", async () => {
  const server = new FakeServer();
  const { conversation, told } = tab(server);
  conversation.ask("one", null);
  await settle();
  void conversation.erase();
  conversation.undo();
  await settle();
  assert.equal(told.at(-1), "shown [Welcome|one|On one]");
  conversation.ask("two", null);
  await settle();
  assert.deepEqual(
    server.sent.map(({ token }) => token),
    ["t1", "t1"],
  );
  assert.deepEqual(server.erased, []);
});

test("closing the page in the ten seconds erases at once", async () => {
  const server = new FakeServer();
  const { conversation } = tab(server);
  conversation.ask("secret", null);
  await settle();
  void conversation.erase();
  conversation.leave();
  await settle();
  assert.deepEqual(server.erased, ["t1"]);
});

test("a page that dies in the ten seconds: the next page erases", async () => {
  const server = new FakeServer();
  const first = tab(server);
  first.conversation.ask("secret", null);
  await settle();
  void first.conversation.erase();
  const next = tab(server, first.local);
  await next.conversation.restore();
  await settle();
  assert.deepEqual(server.erased, ["t1"]);
});

test("erasing without a connection happens when it is back", async () => {
  const server = new FakeServer();
  const { conversation, told, time, memory } = tab(server);
  conversation.ask("secret", null);
  await settle();
  void conversation.erase();
  server.offline = true;
  await time.pass();
  assert.equal(told.at(-1), "eraseLater");
  assert.deepEqual(memory.erasing, ["t1"]);
  server.offline = false;
  conversation.retryNow();
  await settle();
  assert.deepEqual(server.erased, ["t1"]);
});

test("a new message during the ten seconds ends them and begins afresh", async () => {
  const server = new FakeServer();
  const { conversation } = tab(server);
  conversation.ask("secret", null);
  await settle();
  void conversation.erase();
  conversation.ask("Hello again", null);
  await settle();
  assert.deepEqual(server.erased, ["t1"]);
  assert.equal(server.sent.at(-1)?.token, "t2");
});

test("start again begins a new conversation; undo goes back to the old one", async () => {
  const server = new FakeServer();
  const { conversation, told } = tab(server);
  conversation.ask("one", null);
  await settle();
  conversation.startAgain();
  assert.equal(told.at(-1), "shown [] restart");
  conversation.undo();
  assert.equal(told.at(-1), "shown [Welcome|one|On one]");
  conversation.startAgain();
  conversation.ask("two", null);
  await settle();
  assert.equal(server.sent.at(-1)?.token, "t2");
  assert.deepEqual(server.erased, []);
});

test("leave no trace: leaving the page erases the conversation", async () => {
  const server = new FakeServer();
  const { conversation, memory, local } = tab(server);
  conversation.ask("secret", null);
  await settle();
  conversation.traceless = true;
  assert.equal(local.size, 0);
  conversation.ask("more", null);
  await settle();
  assert.equal(server.sent.at(-1)?.token, "t1", "the conversation goes on until then");
  conversation.leave();
  await settle();
  assert.deepEqual(server.erased, ["t1"]);
  assert.equal(memory.session, null);
});

test("the other tab's erasing empties this one", async () => {
  const server = new FakeServer();
  const local = new FakeStorage();
  const one = tab(server, local);
  const two = tab(server, local);
  one.conversation.ask("secret", null);
  await settle();
  await two.conversation.restore();
  void one.conversation.erase();
  await two.conversation.changedElsewhere();
  assert.equal(two.told.at(-1), "shown []");
});

test("no connection when the chat opens: said, and shown as soon as there is one", async () => {
  const server = new FakeServer();
  const first = tab(server);
  first.conversation.ask("one", null);
  await settle();
  const second = tab(server, first.local);
  server.offline = true;
  await second.conversation.restore();
  assert.deepEqual(second.told, ["unreachable"]);
  server.offline = false;
  second.conversation.retryNow();
  await settle();
  assert.equal(second.told.at(-1), "shown [Welcome|one|On one]");
});
