#include "field_paths.hpp"

#include <algorithm>
#include <bit>

#include "miroir/meili/attribute_pattern.hpp"
#include "miroir/meili/facet_value.hpp"
#include "raw_json.hpp"

namespace miroir::scatter {
namespace {

using Names = std::vector<std::string>;
using Visit = VisitScalar;

Names below(const Names& names, std::string_view key) {
    Names out;
    for (const auto& name : names) {
        if (name.size() > key.size() && meili::is_inside(name, key)) {
            out.push_back(name.substr(key.size() + 1));
        }
    }
    return out;
}

std::string key_text(od::raw_json_string key) {
    Scratch scratch;
    const auto name = raw_name(key);
    return std::string(unquoted({name.data() - 1, name.size() + 2}, scratch));
}

void select_value(const Names& names, od::value value, std::string& out, bool& any);

bool select_object(const Names& names, od::object object, std::string& out) {
    out += '{';
    bool any = false;
    for (auto read : object) {
        od::field field;
        if (std::move(read).get(field)) {
            break;
        }
        const auto raw = raw_name(field.key());
        const auto selected = selects(names, key_text(field.key()));
        if (selected == Selected::no) {
            continue;
        }
        const auto mark = out.size();
        out += any ? "," : "";
        out.append("\"").append(raw).append("\":");
        bool kept = true;
        if (selected == Selected::whole) {
            out += raw_value(field.value());
        } else {
            select_value(below(names, raw), field.value(), out, kept);
        }
        if (kept) {
            any = true;
        } else {
            out.resize(mark);
        }
    }
    out += '}';
    return any;
}

void select_list(const Names& names, od::array list, std::string& out) {
    out += '[';
    bool first = true;
    for (auto read : list) {
        od::value value;
        if (std::move(read).get(value)) {
            break;
        }
        const auto mark = out.size();
        out += first ? "" : ",";
        bool kept = false;
        od::json_type type{};
        if (!value.type().get(type) && type == od::json_type::object) {
            od::object object;
            kept = !value.get_object().get(object) && select_object(names, object, out);
        } else {
            select_value(names, value, out, kept);
        }
        if (kept) {
            first = false;
        } else {
            out.resize(mark);
        }
    }
    out += ']';
}

// Scalars that a dotted name would have to reach into are not selected.
void select_value(const Names& names, od::value value, std::string& out, bool& any) {
    od::json_type type{};
    any = false;
    if (value.type().get(type)) {
        return;
    }
    if (type == od::json_type::object) {
        od::object object;
        any = !value.get_object().get(object);
        if (any) {
            select_object(names, object, out);
        }
    } else if (type == od::json_type::array) {
        od::array list;
        any = !value.get_array().get(list);
        if (any) {
            select_list(names, list, out);
        }
    }
}

void visit_leaf(od::value value, bool in_list, const Visit& visit) {
    od::json_type type{};
    if (value.type().get(type)) {
        return;
    }
    if (type == od::json_type::array && !in_list) {
        od::array list;
        if (value.get_array().get(list)) {
            return;
        }
        for (auto item : list) {
            od::value element;
            if (std::move(item).get(element)) {
                return;
            }
            visit_leaf(element, true, visit);
        }
    } else if (type != od::json_type::array && type != od::json_type::object) {
        visit(raw_value(value));
    }
}

void visit_path(std::string_view path, od::object object, const Visit& visit);

void visit_below(std::string_view path, od::value value, const Visit& visit) {
    od::json_type type{};
    if (value.type().get(type)) {
        return;
    }
    od::object object;
    od::array list;
    if (type == od::json_type::object && !value.get_object().get(object)) {
        visit_path(path, object, visit);
    } else if (type == od::json_type::array && !value.get_array().get(list)) {
        for (auto item : list) {
            od::value element;
            od::object inner;
            if (std::move(item).get(element)) {
                return;
            }
            if (!element.type().get(type) && type == od::json_type::object &&
                !element.get_object().get(inner)) {
                visit_path(path, inner, visit);
            }
        }
    }
}

void visit_path(std::string_view path, od::object object, const Visit& visit) {
    for (auto read : object) {
        od::field field;
        if (std::move(read).get(field)) {
            return;
        }
        const auto key = key_text(field.key());
        if (key == path) {
            visit_leaf(field.value(), false, visit);
        } else if (meili::is_inside(path, key)) {
            visit_below(path.substr(key.size() + 1), field.value(), visit);
        }
    }
}

od::parser& inner_parser() {
    thread_local od::parser parser;
    return parser;
}

}  // namespace

Selected selects(const Names& names, std::string_view key) {
    bool exact = false;
    bool nested = false;
    for (const auto& name : names) {
        if (name == key) {
            exact = true;
        } else if (meili::is_inside(name, key)) {
            nested = true;
        }
    }
    if (exact && (!nested || key.find('.') == std::string_view::npos)) {
        return Selected::whole;
    }
    return nested ? Selected::partly : Selected::no;
}

std::string select_within(const Names& names, std::string_view key, std::string_view json) {
    const simdjson::padded_string padded(json);
    od::document document;
    od::value value;
    std::string out;
    if (inner_parser().iterate(padded).get(document) || document.get_value().get(value)) {
        return out;
    }
    bool any = false;
    select_value(below(names, key), value, out, any);
    return out;
}

std::string value_key(std::string_view scalar) {
    if (scalar.empty() || scalar == "null") {
        return {};
    }
    if (scalar.front() == '"') {
        Scratch scratch;
        return "s" + meili::normalize_facet(unquoted(scalar, scratch));
    }
    if (const auto number = meili::parse_finite_number(scalar)) {
        const auto bits = std::bit_cast<std::uint64_t>(*number == 0 ? 0.0 : *number);
        return "n" + std::string(reinterpret_cast<const char*>(&bits), sizeof bits);
    }
    return "s" + std::string(scalar);
}

void visit_scalars(std::string_view path, std::string_view key, std::string_view json, const Visit& visit) {
    if (json.empty()) {
        return;
    }
    if (json.front() != '{' && json.front() != '[') {
        if (key == path) {
            visit(json);
        }
        return;
    }
    const simdjson::padded_string padded(json);
    od::document document;
    od::value value;
    if (inner_parser().iterate(padded).get(document) || document.get_value().get(value)) {
        return;
    }
    if (key == path) {
        visit_leaf(value, false, visit);
    } else {
        visit_below(path.substr(key.size() + 1), value, visit);
    }
}

void visit_scalars(std::string_view path, std::string_view json_object, const Visit& visit) {
    const simdjson::padded_string padded(json_object);
    od::document document;
    od::object object;
    if (!inner_parser().iterate(padded).get(document) && !document.get_object().get(object)) {
        visit_path(path, object, visit);
    }
}

}  // namespace miroir::scatter
