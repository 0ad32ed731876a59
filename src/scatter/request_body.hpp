#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "miroir/meili/json_text.hpp"
#include "miroir/meili/search_query.hpp"

namespace miroir::scatter {

// A JSON object that is being written.
class RequestBody {
public:
    void text(std::string_view key, std::string_view value) {
        name(key);
        meili::append_json_string(body_, value);
    }
    void raw(std::string_view key, std::string_view json) {
        name(key);
        body_ += json;
    }
    void list(std::string_view key, const std::vector<std::string>& values) {
        name(key);
        append_list(values);
    }

    // The filter as a list that lacks its last element and the closing bracket: the shard clause goes last,
    // so that columns and text in the engine's messages stay those of the client's filter.
    void open_filter(const meili::FilterParameter& filter) {
        name("filter");
        body_ += '[';
        for (const auto& any_of : filter.all_of) {
            if (any_of.empty() || (any_of.size() == 1 && any_of.front().empty())) {
                continue;
            }
            if (any_of.size() == 1) {
                meili::append_json_string(body_, any_of.front());
            } else {
                append_list(any_of);
            }
            body_ += ',';
        }
    }

    std::string take() { return std::move(body_); }

private:
    void name(std::string_view key) {
        body_ += body_.size() == 1 ? "\"" : ",\"";
        body_.append(key).append("\":");
    }
    void append_list(const std::vector<std::string>& values) {
        body_ += '[';
        for (std::size_t i = 0; i < values.size(); ++i) {
            body_ += i == 0 ? "" : ",";
            meili::append_json_string(body_, values[i]);
        }
        body_ += ']';
    }

    std::string body_ = "{";
};

// The client's filter and the grant's rules: all must hold.
Result<meili::FilterParameter> fused_filter(const std::optional<std::string>& client_json,
                                            std::string_view code,
                                            const std::vector<meili::FilterParameter>& rules);

}  // namespace miroir::scatter
