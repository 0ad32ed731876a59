#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "miroir/base/error.hpp"
#include "miroir/meili/documents.hpp"

namespace miroir::meili {

// What the engine answers to a JSON or NDJSON body that DocumentScanner has refused.
ApiError document_fault(std::string_view body, PayloadFormat format);

// ``The `json` payload provided is malformed. `Couldn't serialize document value: <reason>`.``
ApiError malformed_documents(PayloadFormat format, std::string_view reason);

// "invalid type: integer `1`, expected a map at line 1 column 1" for a JSON value of another kind than
// `expected`, or the error in the value itself.
std::string wrong_type(std::string_view value, std::string_view expected, bool& is_syntax_error);

struct DocumentJudgement {
    bool good_names = true;
    // Why a value cannot be read into memory; empty when all can.
    std::string unreadable;
};

// A close look at a document that is well-formed but suspicious.
DocumentJudgement judge_document(std::string_view document);

}  // namespace miroir::meili
