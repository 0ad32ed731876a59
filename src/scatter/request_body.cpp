#include "request_body.hpp"

namespace miroir::scatter {

Result<meili::FilterParameter> fused_filter(const std::optional<std::string>& client_json,
                                            std::string_view code,
                                            const std::vector<meili::FilterParameter>& rules) {
    meili::FilterParameter out;
    if (client_json) {
        auto parsed = meili::parse_filter_parameter(*client_json, code);
        if (!parsed) {
            return parsed.error();
        }
        out = std::move(parsed).value();
    }
    for (const auto& rule : rules) {
        out.all_of.insert(out.all_of.end(), rule.all_of.begin(), rule.all_of.end());
    }
    return out;
}

}  // namespace miroir::scatter
