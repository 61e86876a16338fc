import assert from "node:assert/strict";
import { test } from "node:test";
import { Api, Problem } from "../src/api";

type Call = { url: string; init: RequestInit };

function api(answer: () => Response | Promise<Response>): { api: Api; calls: Call[] } {
  const calls: Call[] = [];
  const fetcher = async (url: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    calls.push({ url: String(url), init: init ?? {} });
    return answer();
  };
  return { api: new Api("https://help.example", fetcher), calls };
}

async function problemOf(work: Promise<unknown>): Promise<Problem> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof Problem);
  return error;
}

test("a message goes out with token and key, without cookies", async () => {
  const { api: one, calls } = api(() => Response.json({ messages: [] }));
  await one.send("secret", { key: "k1", text: "Hello", choice: null });
  const [call] = calls;
  const headers = call?.init.headers as Record<string, string>;
  assert.equal(call?.url, "https://help.example/api/v1/messages");
  assert.equal(headers["Authorization"], "Bearer secret");
  assert.equal(headers["Idempotency-Key"], "k1");
  assert.equal(call?.init.body, '{"text":"Hello"}');
  assert.equal(call?.init.credentials, "omit");
});

test("a choice is sent by its id alone", async () => {
  const { api: one, calls } = api(() => Response.json({ messages: [] }));
  await one.send("secret", { key: "k1", text: "Hello", choice: "c1" });
  assert.equal(calls[0]?.init.body, '{"choice":"c1"}');
});

test("a problem document becomes its words, status and wait", async () => {
  const body = JSON.stringify({ title: "Too much", detail: "Please wait." });
  const { api: one } = api(
    () => new Response(body, { status: 429, headers: { "Retry-After": "7" } }),
  );
  const problem = await problemOf(one.open());
  assert.equal(problem.message, "Please wait.");
  assert.equal(problem.status, 429);
  assert.equal(problem.retryAfter, 7);
  assert.ok(problem.passing);
});

test("an error page that is no problem document is a fault all the same", async () => {
  const { api: one } = api(() => new Response("<h1>Bad gateway</h1>", { status: 502 }));
  const problem = await problemOf(one.history("t"));
  assert.equal(problem.status, 502);
  assert.ok(problem.passing);
});

test("no network, and an answer cut off on its way, count as no answer", async () => {
  for (const answer of [() => Promise.reject(new TypeError("network")), () => new Response("{")]) {
    const problem = await problemOf(api(answer).api.history("t"));
    assert.equal(problem.status, 0);
    assert.ok(problem.passing);
  }
});

test("what the visitor can change is not tried again", async () => {
  const { api: one } = api(() => Response.json({ title: "No" }, { status: 422 }));
  const problem = await problemOf(one.open());
  assert.equal(problem.message, "No");
  assert.ok(!problem.passing);
});
