#include "locale_choice.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace miroir::meili {
namespace {

// Two-letter codes, their three-letter twins in the same order, and one that has no twin.
constexpr std::array<std::string_view, 139> names{
    "af",  "ak",  "am",  "ar",  "az",  "be",  "bn",  "bg",  "ca",  "cs",  "da",  "de",  "el",  "en",
    "eo",  "et",  "fi",  "fr",  "gu",  "he",  "hi",  "hr",  "hu",  "hy",  "id",  "it",  "jv",  "ja",
    "kn",  "ka",  "km",  "ko",  "la",  "lv",  "lt",  "ml",  "mr",  "mk",  "my",  "ne",  "nl",  "nb",
    "or",  "pa",  "fa",  "pl",  "pt",  "ro",  "ru",  "si",  "sk",  "sl",  "sn",  "es",  "sr",  "sv",
    "ta",  "te",  "tl",  "th",  "tk",  "tr",  "uk",  "ur",  "uz",  "vi",  "yi",  "zh",  "zu",  "afr",
    "aka", "amh", "ara", "aze", "bel", "ben", "bul", "cat", "ces", "dan", "deu", "ell", "eng", "epo",
    "est", "fin", "fra", "guj", "heb", "hin", "hrv", "hun", "hye", "ind", "ita", "jav", "jpn", "kan",
    "kat", "khm", "kor", "lat", "lav", "lit", "mal", "mar", "mkd", "mya", "nep", "nld", "nob", "ori",
    "pan", "pes", "pol", "por", "ron", "rus", "sin", "slk", "slv", "sna", "spa", "srp", "swe", "tam",
    "tel", "tgl", "tha", "tuk", "tur", "ukr", "urd", "uzb", "vie", "yid", "zho", "zul", "cmn",
};

}  // namespace

std::span<const std::string_view> locale_choices() {
    return names;
}

bool is_locale_choice(std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

std::string unsupported_locale_message(std::string_view name) {
    std::vector<std::string_view> sorted(names.begin(), names.end());
    std::ranges::sort(sorted, [](std::string_view a, std::string_view b) {
        return a.size() != b.size() ? a.size() < b.size() : a < b;
    });
    std::string message = "Unsupported locale `" + std::string(name) + "`, expected one of ";
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        message += i == 0 ? "" : ", ";
        message += sorted[i];
    }
    return message;
}

}  // namespace miroir::meili
