// The words of the interface, one file per language. The answers themselves are in English.

import en from "./languages/en.json";

export type Texts = typeof en;
export type Plural = { one: string; other: string };

/** Language of the answers, whatever the interface speaks. */
export const ANSWER_LANGUAGE = "en";

/** Languages other than English: code and integrity of the file beside this one (build.mjs). */
declare const LANGUAGES: Record<string, string>;

/** The first of the wished languages ("es-MX" counts as "es") that there is, else English. */
export function chooseLanguage(...wishes: (string | null | undefined)[]): string {
  const short = wishes.map((wish) => (wish ?? "").toLowerCase().split(/[-_]/)[0] ?? "");
  return short.find((code) => code === "en" || code in LANGUAGES) ?? "en";
}

export const english = en;

/** The words of another language; English if they cannot be fetched or are not what was built. */
export async function fetchTexts(code: string): Promise<[code: string, texts: Texts]> {
  try {
    const address = new URL(`${code}.json`, import.meta.url);
    const response = await fetch(address, {
      integrity: LANGUAGES[code] ?? "",
      credentials: "omit",
    });
    if (response.ok) return [code, (await response.json()) as Texts];
  } catch {
    // Words that are not ours, or no network.
  }
  return ["en", en];
}

/** Fill "{name}" with values; an unknown name stays, so that a mistake is seen. */
export function fill(text: string, values: object): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) =>
    String((values as Record<string, unknown>)[name] ?? whole),
  );
}

export function count(forms: Plural, number: number): string {
  return fill(number === 1 ? forms.one : forms.other, { count: number });
}

/** "2026-11-22" as people write a day, "2025-10" and "2024" likewise; anything else as it is. */
export function spellDate(date: string, language: string): string {
  const time = /^\d{4}(-\d{2}){0,2}$/.test(date) ? Date.parse(date) : NaN;
  if (Number.isNaN(time)) return date;
  const { length } = date;
  return new Intl.DateTimeFormat(language, {
    year: "numeric",
    ...(length > 4 && { month: "long" }),
    ...(length > 7 && { day: "numeric" }),
    timeZone: "UTC",
  }).format(time);
}
