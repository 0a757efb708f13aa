"""Languages of tracks: what files write (ISO 639-2, ISO 639-1, or BCP 47 already) as BCP 47 tags (RFC 5646), and what
people who speak them call them. Pure."""

from __future__ import annotations

import re

# ISO 639-2 by ISO 639-1: the bibliographic code after a slash where there is one.
_LETTERS = """
aa:aar ab:abk ae:ave af:afr ak:aka am:amh an:arg ar:ara as:asm av:ava ay:aym az:aze ba:bak be:bel bg:bul bi:bis bm:bam
bn:ben bo:bod/tib br:bre bs:bos ca:cat ce:che ch:cha co:cos cr:cre cs:ces/cze cu:chu cv:chv cy:cym/wel da:dan
de:deu/ger dv:div dz:dzo ee:ewe el:ell/gre en:eng eo:epo es:spa et:est eu:eus/baq fa:fas/per ff:ful fi:fin fj:fij fo:fao
fr:fra/fre fy:fry ga:gle gd:gla gl:glg gn:grn gu:guj gv:glv ha:hau he:heb hi:hin ho:hmo hr:hrv ht:hat hu:hun hy:hye/arm
hz:her ia:ina id:ind ie:ile ig:ibo ii:iii ik:ipk io:ido is:isl/ice it:ita iu:iku ja:jpn jv:jav ka:kat/geo kg:kon ki:kik
kj:kua kk:kaz kl:kal km:khm kn:kan ko:kor kr:kau ks:kas ku:kur kv:kom kw:cor ky:kir la:lat lb:ltz lg:lug li:lim ln:lin
lo:lao lt:lit lu:lub lv:lav mg:mlg mh:mah mi:mri/mao mk:mkd/mac ml:mal mn:mon mr:mar ms:msa/may mt:mlt my:mya/bur na:nau
nb:nob nd:nde ne:nep ng:ndo nl:nld/dut nn:nno no:nor nr:nbl nv:nav ny:nya oc:oci oj:oji om:orm or:ori os:oss pa:pan
pi:pli pl:pol ps:pus pt:por qu:que rm:roh rn:run ro:ron/rum ru:rus rw:kin sa:san sc:srd sd:snd se:sme sg:sag si:sin
sk:slk/slo sl:slv sm:smo sn:sna so:som sq:sqi/alb sr:srp ss:ssw st:sot su:sun sv:swe sw:swa ta:tam te:tel tg:tgk th:tha
ti:tir tk:tuk tl:tgl tn:tsn to:ton tr:tur ts:tso tt:tat tw:twi ty:tah ug:uig uk:ukr ur:urd uz:uzb ve:ven vi:vie vo:vol
wa:wln wo:wol xh:xho yi:yid yo:yor za:zha zh:zho/chi zu:zul
"""
_TWO_LETTERS = {
    three: two
    for two, codes in (entry.split(":") for entry in _LETTERS.split())
    for three in codes.split("/")
}  # fmt: skip
_OLD = {"iw": "he", "in": "id", "ji": "yi", "mo": "ro", "sh": "sr-Latn", "scr": "hr", "scc": "sr", "mol": "ro"}
# Undetermined, several, none, not coded: nothing that a viewer could choose by.
_NO_LANGUAGE = frozenset({"und", "mul", "zxx", "mis"})
_TAG = re.compile(r"[a-z]{2,3}(-[a-z]{3})?(-[a-z]{4})?(-([a-z]{2}|[0-9]{3}))?", re.IGNORECASE)
_PRIVATE = re.compile(r"q[a-t][a-z]")
_OWN_NAMES = {
    "ar": "العربية", "bg": "Български", "bn": "বাংলা", "ca": "Català", "cs": "Čeština", "da": "Dansk", "de": "Deutsch",
    "el": "Ελληνικά", "en": "English", "es": "Español", "et": "Eesti", "eu": "Euskara", "fa": "فارسی", "fi": "Suomi",
    "fil": "Filipino", "fr": "Français", "gl": "Galego", "he": "עברית", "hi": "हिन्दी", "hr": "Hrvatski",
    "hu": "Magyar", "id": "Bahasa Indonesia", "is": "Íslenska", "it": "Italiano", "ja": "日本語", "ko": "한국어",
    "lt": "Lietuvių", "lv": "Latviešu", "ms": "Bahasa Melayu", "nb": "Norsk bokmål", "nl": "Nederlands",
    "nn": "Norsk nynorsk", "no": "Norsk", "pl": "Polski", "pt": "Português", "ro": "Română",
    "ru": "Русский", "sk": "Slovenčina", "sl": "Slovenščina", "sr": "Српски", "sv": "Svenska",
    "ta": "தமிழ்", "te": "తెలుగు", "th": "ไทย", "tr": "Türkçe",
    "uk": "Українська", "ur": "اردو", "vi": "Tiếng Việt", "yue": "粵語", "zh": "中文",
}  # fmt: skip


def bcp47(code: str) -> str:
    """The tag for what a file writes as a track's language, for example "en" for "eng", "zh" for "chi", "pt-BR" for
    "por-BR"; empty for what names no language, or nothing that could be one."""
    code = code.strip().replace("_", "-")
    if not _TAG.fullmatch(code):
        return ""
    first, *rest = code.split("-")
    first = first.lower()
    if first in _NO_LANGUAGE or _PRIVATE.fullmatch(first):
        return ""
    return "-".join([_OLD.get(first) or _TWO_LETTERS.get(first, first), *map(_written, rest)])


def own_name(tag: str) -> str:
    """What its speakers call the language of a tag, for lists outside our pages; else the tag itself."""
    return _OWN_NAMES.get(tag.split("-", maxsplit=1)[0], tag)


def _written(subtag: str) -> str:
    """Scripts begin with a capital, regions are capitals."""
    if len(subtag) == 4:
        return subtag.capitalize()
    return subtag.upper() if len(subtag) == 2 else subtag.lower()
