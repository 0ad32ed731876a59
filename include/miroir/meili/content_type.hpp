#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "miroir/base/result.hpp"
#include "miroir/meili/documents.hpp"

namespace miroir::meili {

// A media type in lower case, without parameters.
struct MediaType {
    std::string type;
    // Up to the first '+'.
    std::string subtype;
    // Behind the last '+'.
    std::string suffix;
};

// Empty when the text is no media type.
std::optional<MediaType> parse_media_type(std::string_view content_type);

// What the routes that take a JSON body accept: `content_type` is the header's value, if there is one.
Result<void> check_json_content_type(std::optional<std::string_view> content_type);

// The format that the document routes read the body in.
Result<PayloadFormat> check_document_content_type(std::optional<std::string_view> content_type,
                                                  std::optional<char> csv_delimiter);

}  // namespace miroir::meili
