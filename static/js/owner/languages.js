/** Languages that an owner chooses from, and the one that a file's name tells. Pure. */

export const OFFERED = [
  "ar", "bg", "bn", "ca", "cs", "da", "de", "el", "en", "es", "et", "fa", "fi", "fil", "fr", "he", "hi", "hr", "hu", "id", "it",
  "ja", "ko", "lt", "lv", "ms", "nb", "nl", "pl", "pt", "pt-BR", "ro", "ru", "sk", "sl", "sr", "sv", "ta", "te", "th", "tr", "uk",
  "ur", "vi", "yue", "zh-Hans", "zh-Hant",
]; // prettier-ignore

// What people write into names beside tags.
/** @type {Record<string, string>} */
const WRITTEN = {
  eng: "en", english: "en", ger: "de", deu: "de", german: "de", fre: "fr", fra: "fr", french: "fr", spa: "es", spanish: "es",
  ita: "it", jpn: "ja", japanese: "ja", kor: "ko", rus: "ru", russian: "ru", por: "pt", pob: "pt-BR", chs: "zh-Hans", sc: "zh-Hans",
  gb: "zh-Hans", cht: "zh-Hant", tc: "zh-Hant", big5: "zh-Hant", zh: "zh-Hans", chi: "zh-Hans", zho: "zh-Hans", chinese: "zh-Hans",
  "zh-cn": "zh-Hans", "zh-tw": "zh-Hant", "zh-hk": "zh-Hant", cn: "zh-Hans", jp: "ja", kr: "ko", no: "nb",
  简体: "zh-Hans", 简体中文: "zh-Hans", 繁體: "zh-Hant", 繁体: "zh-Hant", 中文: "zh-Hans",
}; // prettier-ignore

/** "film.en.srt", "film_zh-Hans.ass", "English.srt"; null where the name tells none. @param {string} filename @returns {string | null} */
export function languageOf(filename) {
  const words = filename.replace(/\.[^.]+$/, "").split(/[.\s_()[\]]+/).filter(Boolean);
  for (const word of words.reverse()) {
    const written = word.toLowerCase();
    const known = WRITTEN[written] ?? OFFERED.find((tag) => tag.toLowerCase() === written);
    if (known) return known;
  }
  return null;
}
