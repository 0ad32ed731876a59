#include "miroir/meili/content_type.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "miroir/meili/error.hpp"
#include "miroir/meili/json_text.hpp"

namespace miroir::meili {
namespace {

constexpr std::array<std::string_view, 1> json_types{"application/json"};
constexpr std::array<std::string_view, 3> document_types{"application/json", "application/x-ndjson",
                                                         "text/csv"};

bool is_token(char c) {
    const bool alphanumeric = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return alphanumeric || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
    return out;
}

std::size_t token_length(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::find_if_not(text, is_token) - text.begin());
}

// Takes one `name=value` from the front of `text`; false when there is none.
bool take_parameter(std::string_view& text) {
    const std::size_t name = token_length(text);
    if (name == 0 || name == text.size() || text[name] != '=') {
        return false;
    }
    text.remove_prefix(name + 1);
    if (text.starts_with('"')) {
        const std::size_t end = text.find('"', 1);
        if (end == std::string_view::npos) {
            return false;
        }
        text.remove_prefix(end + 1);
    } else {
        text.remove_prefix(token_length(text));
    }
    return text.empty() || text.front() == ';' || text.front() == ' ';
}

bool are_parameters(std::string_view text) {
    while (!text.empty()) {
        if (text.front() == ';' || text.front() == ' ') {
            text.remove_prefix(1);
        } else if (!take_parameter(text)) {
            return false;
        }
    }
    return true;
}

ApiError missing(std::span<const std::string_view> accepted) {
    return error("missing_content_type",
                 "A Content-Type header is missing. Accepted values for the Content-Type header are: " +
                     quoted_list(accepted));
}

ApiError invalid(std::string_view content_type, std::span<const std::string_view> accepted) {
    return error(
        "invalid_content_type",
        "The Content-Type `" + std::string(content_type) +
            "` is invalid. Accepted values for the Content-Type header are: " + quoted_list(accepted));
}

}  // namespace

std::optional<MediaType> parse_media_type(std::string_view content_type) {
    const std::size_t slash = token_length(content_type);
    if (slash == 0 || slash == content_type.size() || content_type[slash] != '/') {
        return std::nullopt;
    }
    const std::string_view rest = content_type.substr(slash + 1);
    const std::size_t end = token_length(rest);
    if (end < rest.size() && (rest[end] != ';' || end == 0)) {
        return std::nullopt;
    }
    if (!are_parameters(rest.substr(end))) {
        return std::nullopt;
    }
    const std::string_view whole = rest.substr(0, end);
    const std::size_t plus = whole.rfind('+');
    MediaType media{lower(content_type.substr(0, slash)), lower(whole.substr(0, plus)), {}};
    if (plus != std::string_view::npos) {
        media.suffix = lower(whole.substr(plus + 1));
    }
    return media;
}

Result<void> check_json_content_type(std::optional<std::string_view> content_type) {
    if (!content_type) {
        return missing(json_types);
    }
    const auto media = parse_media_type(*content_type);
    if (media && (media->subtype == "json" || media->suffix == "json")) {
        return ok();
    }
    return invalid(*content_type, json_types);
}

Result<PayloadFormat> check_document_content_type(std::optional<std::string_view> content_type,
                                                  std::optional<char> csv_delimiter) {
    if (!content_type) {
        return missing(document_types);
    }
    const auto media = parse_media_type(*content_type);
    if (!media) {
        return invalid(*content_type, document_types);
    }
    const std::string essence = media->type + "/" + media->subtype;
    if (essence == document_types[2]) {
        return PayloadFormat::csv;
    }
    if (essence != document_types[0] && essence != document_types[1]) {
        return invalid(essence, document_types);
    }
    if (csv_delimiter) {
        return error("invalid_content_type",
                     "The Content-Type `" + essence +
                         "` does not support the use of a csv delimiter. The csv delimiter can only be used "
                         "with the Content-Type `text/csv`.");
    }
    return essence == document_types[0] ? PayloadFormat::json : PayloadFormat::ndjson;
}

}  // namespace miroir::meili
