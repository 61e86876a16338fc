// Bundles the widget into dist/, the same bytes each time, and prints its size.
//
//   node build.mjs            write the files
//   node build.mjs --check    fail if the committed files are not what the sources give
//   node build.mjs --keep     before a new release: keep the present files in dist/kept/, so that
//                             sites whose tag names their version go on working

import { createHash } from "node:crypto";
import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { minify } from "terser";

const MODULE = "spms-helpline.js";
const BUDGET = 15_000;
const DIST = new URL("dist/", import.meta.url);
const LANGUAGES = new URL("src/languages/", import.meta.url);

// Names of our own properties that may be shortened: none of them is a browser's, the chat API's or
// something stored. One that is missing here only costs a few bytes.
const INTERNAL = [
  "alone announcer around asked atEnd changedElsewhere changeLook choose commit context delayed ended fail",
  "finish giveBack greeted history leave limit listener memory newKey notice page passing replied restore",
  "retentionDays retryAfter retryNow say sessionName setTraceless shown start startAgain stop takeOver texts",
  "told touched traceless api field last next node online tell timer wait waitsForRestore",
]
  .join(" ")
  .split(" ");

/** All names of properties in a value. */
function namesIn(value) {
  if (typeof value !== "object") return [];
  return Object.entries(value).flatMap(([name, part]) => [name, ...namesIn(part)]);
}

/** The tokens of all our pages speak of the page and of the device's colors; here they are the chat's,
 *  and base.css says which of both schemes holds. */
const tokens = {
  name: "tokens",
  setup({ onLoad }) {
    onLoad({ filter: /tokens\.css$/ }, async ({ path }) => {
      const css = await readFile(path, "utf8");
      const dark = /@media \(prefers-color-scheme: dark\) \{\s*:root (\{[^}]*\})\s*\}/;
      if (!dark.test(css)) throw new Error(`${path} has no dark colors in the form known here.`);
      const contents = css
        .replace(dark, ".root.dark $1")
        .replace(":root", ".root")
        .replace("color-scheme: light dark;", "");
      return { contents, loader: "css" };
    });
  },
};

/** Stylesheets become minified strings, their custom properties used and with short names. */
export const stylesheets = {
  name: "stylesheets",
  setup({ onLoad }) {
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { outputFiles } = await build({
        entryPoints: [path],
        bundle: true,
        minify: true,
        plugins: [tokens],
        target: "es2022",
        write: false,
      });
      const used = (name) => outputFiles[0].text.includes(`var(${name}`);
      const css = outputFiles[0].text.replace(/(--[a-z-]+):[^;}]*;?/g, (all, name) =>
        used(name) ? all : "",
      );
      const names = [...new Set(css.match(/--[a-z-]+/g))];
      const short = css
        .replace(/--[a-z-]+/g, (name) => `--${names.indexOf(name).toString(36)}`)
        .replace(/(--\w+): /g, "$1:");
      return { contents: short.trim(), loader: "text" };
    });
  },
};

/** Words of the languages that are fetched when wanted: file name -> content. */
export async function languageFiles() {
  const files = new Map();
  for (const name of (await readdir(LANGUAGES)).sort()) {
    if (name === "en.json") continue;
    const words = JSON.parse(await readFile(new URL(name, LANGUAGES), "utf8"));
    files.set(name, Buffer.from(JSON.stringify(words)));
  }
  return files;
}

/** The constant LANGUAGES of src/language.ts: code -> integrity of its file. */
export function integrities(files) {
  const hash = (content) => `sha384-${createHash("sha384").update(content).digest("base64")}`;
  return Object.fromEntries(
    [...files].map(([name, content]) => [name.slice(0, -5), hash(content)]),
  );
}

async function bundle(languages) {
  const words = JSON.parse(await readFile(new URL("en.json", LANGUAGES), "utf8"));
  const taken = namesIn(words).filter((name) => INTERNAL.includes(name));
  if (taken.length) throw new Error(`A text has the name of an internal property: ${taken}`);
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("src/index.ts", import.meta.url))],
    absWorkingDir: fileURLToPath(new URL(".", import.meta.url)),
    bundle: true,
    charset: "utf8",
    define: { LANGUAGES: JSON.stringify(integrities(languages)) },
    format: "esm",
    legalComments: "none",
    mangleProps: new RegExp(`^(?:${INTERNAL.join("|")})$`),
    minify: true,
    plugins: [stylesheets],
    target: ["es2022", "chrome111", "firefox114", "safari16.4"],
    write: false,
  });
  // A second pass takes another 2 % off.
  const options = { module: true, ecma: 2020, compress: { passes: 3 } };
  return Buffer.from((await minify(outputFiles[0].text, options)).code);
}

/** The version, as the server names it in addresses: the beginning of the module's SHA-256. */
async function keep() {
  const code = await readFile(new URL(MODULE, DIST));
  const version = createHash("sha256").update(code).digest("hex").slice(0, 12);
  const folder = new URL(`kept/${version}/`, DIST);
  await mkdir(folder, { recursive: true });
  for (const file of await readdir(DIST, { withFileTypes: true })) {
    if (file.isFile()) await copyFile(new URL(file.name, DIST), new URL(file.name, folder));
  }
  console.log(`kept as version ${version}`);
}

async function main() {
  if (process.argv.includes("--keep")) return keep();
  const files = await languageFiles();
  const code = await bundle(files);
  files.set(MODULE, code);
  const size = gzipSync(code, { level: 9 }).length;
  console.log(`${MODULE}: ${code.length} bytes, ${size} bytes with gzip (at most ${BUDGET})`);
  if (size > BUDGET) throw new Error(`The widget is ${size - BUDGET} bytes over its budget.`);
  if (!process.argv.includes("--check")) {
    await mkdir(DIST, { recursive: true });
    for (const [name, content] of files) await writeFile(new URL(name, DIST), content);
    return;
  }
  for (const [name, content] of files) {
    const committed = await readFile(new URL(name, DIST)).catch(() => Buffer.alloc(0));
    if (!content.equals(committed)) {
      throw new Error(
        `dist/${name} is not what the sources give: run \`npm run build\`, commit dist/.`,
      );
    }
  }
  console.log("dist/ is what the sources give.");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
