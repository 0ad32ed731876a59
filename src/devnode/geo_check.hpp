#pragma once

#include <string>

#include "devnode/document.hpp"
#include "devnode/rules.hpp"
#include "miroir/base/result.hpp"

namespace miroir::devnode {

// invalid_document_geo_field when `_geo` is filtered or sorted by and holds no point.
Result<void> check_geo(const Rules& rules, const std::string& index_uid, const std::string& id,
                       const JsonValue& document);

}  // namespace miroir::devnode
