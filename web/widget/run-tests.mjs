// Bundles tests/*.test.ts and runs them with Node's own test runner.

import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { integrities, languageFiles, stylesheets } from "./build.mjs";

const folder = fileURLToPath(new URL("tests/", import.meta.url));
const names = (await readdir(folder)).filter((name) => name.endsWith(".test.ts"));
const out = await mkdtemp(join(tmpdir(), "widget-tests-"));
try {
  await build({
    entryPoints: names.map((name) => join(folder, name)),
    bundle: true,
    define: { LANGUAGES: JSON.stringify(integrities(await languageFiles())) },
    format: "esm",
    outdir: out,
    outExtension: { ".js": ".mjs" },
    platform: "node",
    plugins: [stylesheets],
    sourcemap: "inline",
  });
  const files = names.map((name) => join(out, name.replace(/\.ts$/, ".mjs")));
  const options = ["--enable-source-maps", "--test", "--test-reporter=spec", ...files];
  process.exitCode = spawnSync(process.execPath, options, { stdio: "inherit" }).status ?? 1;
} finally {
  await rm(out, { recursive: true });
}
