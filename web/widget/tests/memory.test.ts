import assert from "node:assert/strict";
import { test } from "node:test";
import { Memory } from "../src/memory";
import { FakeStorage, SESSION } from "./fakes";

const ADDRESS = "https://help.example";

test("another page and another tab find the conversation, a second helpline does not", () => {
  const local = new FakeStorage();
  new Memory(ADDRESS, { local, session: new FakeStorage() }).session = SESSION;
  assert.deepEqual(new Memory(ADDRESS, { local, session: new FakeStorage() }).session, SESSION);
  assert.equal(new Memory("https://other.example", { local, session: null }).session, null);
});

test("unsent messages stay in their tab", () => {
  const [local, session] = [new FakeStorage(), new FakeStorage()];
  new Memory(ADDRESS, { local, session }).unsent = [{ key: "k", text: "Hello", choice: null }];
  assert.equal(local.size, 0);
  assert.equal(new Memory(ADDRESS, { local, session }).unsent[0]?.text, "Hello");
});

test("leave no trace: the browser keeps the wish alone, the page all the rest", () => {
  const [local, session] = [new FakeStorage(), new FakeStorage()];
  const memory = new Memory(ADDRESS, { local, session });
  memory.session = SESSION;
  memory.look = { size: "large" };
  memory.traceless = true;
  memory.unsent = [{ key: "k", text: "Hello", choice: null }];
  memory.open = true;
  assert.equal(local.size, 0);
  assert.deepEqual(session.names, [`spms-helpline ${ADDRESS} traceless`]);
  assert.deepEqual(memory.session, SESSION);
  assert.deepEqual(memory.look, { size: "large" });
  assert.equal(memory.unsent.length, 1);
  assert.equal(new Memory(ADDRESS, { local, session }).session, null);

  memory.traceless = false;
  assert.deepEqual(new Memory(ADDRESS, { local, session }).session, SESSION);
});

test("a browser that refuses storage: the page remembers by itself", () => {
  for (const refusing of [null, new FakeStorage("refuses")]) {
    const memory = new Memory(ADDRESS, { local: refusing, session: refusing });
    memory.session = SESSION;
    assert.deepEqual(memory.session, SESSION);
    memory.session = null;
    assert.equal(memory.session, null);
    memory.traceless = true;
    assert.equal(memory.traceless, true);
  }
});

test("what something else wrote under our name counts as nothing", () => {
  const local = new FakeStorage();
  local.setItem(`spms-helpline ${ADDRESS} session`, "{not JSON");
  assert.equal(new Memory(ADDRESS, { local, session: null }).session, null);
});
