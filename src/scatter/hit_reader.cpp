#include "hit_reader.hpp"

#include "field_paths.hpp"
#include "miroir/meili/markers.hpp"
#include "score_details.hpp"

namespace miroir::scatter {
namespace {

std::uint32_t size_of(const auto& list) {
    return static_cast<std::uint32_t>(list.size());
}

}  // namespace

bool HitReader::read(od::value value) {
    od::object object;
    const char* start = value.raw_json_token().data();
    if (value.get_object().get(object)) {
        return false;
    }
    Hit hit;
    hit.pieces.begin = size_of(out_.pieces);
    hit.distinct_values.begin = size_of(out_.distinct_values);
    KeptMembers kept(out_.pieces);
    for (auto read : object) {
        od::field field;
        if (std::move(read).get(field) || !read_member(field, kept, hit)) {
            return false;
        }
    }
    const char* next = location(document_);
    if (!next || hit.details.empty() || hit.score.empty()) {
        return false;
    }
    const char* end = end_before(next);
    kept.finish(end - 1);
    hit.whole = {start, static_cast<std::size_t>(end - start)};
    hit.pieces.end = size_of(out_.pieces);
    hit.distinct_values.end = size_of(out_.distinct_values);
    out_.hits.push_back(hit);
    return true;
}

bool HitReader::read_member(od::field& field, KeptMembers& kept, Hit& hit) {
    const auto name = raw_name(field.key());
    if (name.starts_with('_')) {
        return read_special(name, field, kept, hit);
    }
    if (!search_.distinct && !search_.retrieved.narrower_than_node) {
        kept.keep(name.data() - 1);
        return true;
    }
    return read_field(name, field, kept);
}

bool HitReader::read_special(std::string_view name, od::field& field, KeptMembers& kept, Hit& hit) {
    const char* key = name.data() - 1;
    od::json_type type{};
    if (field.value().type().get(type)) {
        return false;
    }
    const bool object = type == od::json_type::object;
    if (name == "_rankingScoreDetails" && object) {
        kept.cut(key);
        return read_details(field.value(), hit);
    }
    if (name == "_rankingScore") {
        kept.cut(key);
        hit.score = raw_value(field.value());
        return !hit.score.empty();
    }
    if (name == meili::version_field) {
        kept.cut(key);
        hit.version = unquoted(raw_value(field.value()), scratch_);
        return true;
    }
    if (name == meili::expiry_field) {
        kept.cut(key);
        const auto& names = search_.retrieved.names;
        const bool shown = !names || selects(*names, name) == Selected::whole;
        if (const auto member = expiry_member(raw_value(field.value()), scratch_); shown && !member.empty()) {
            kept.add(member);
        }
        return true;
    }
    if (meili::is_reserved(name) || (name == "_vectors" && search_.hides_vectors)) {
        kept.cut(key);
        return true;
    }
    if (name == "_formatted" && object) {
        return read_formatted(key, field.value(), kept);
    }
    if (name == "_matchesPosition" && object) {
        return read_matches(key, field.value(), kept);
    }
    if (name == "_vectors") {
        kept.keep(key);
        return true;
    }
    if (name == "_geoDistance" && search_.retrieved.narrower_than_node) {
        const auto& names = *search_.retrieved.names;
        const bool shown = selects(names, "_geo") != Selected::no;
        shown ? kept.keep(key) : kept.cut(key);
        return true;
    }
    if (!search_.distinct && !search_.retrieved.narrower_than_node) {
        kept.keep(key);
        return true;
    }
    return read_field(name, field, kept);
}

// A member of the document itself, when its value matters or when only some members are shown.
bool HitReader::read_field(std::string_view name, od::field& field, KeptMembers& kept) {
    const char* key = name.data() - 1;
    const auto plain = unquoted({key, name.size() + 2}, scratch_);
    const bool distinct = search_.distinct && meili::is_inside(*search_.distinct, plain);
    const bool narrow = search_.retrieved.narrower_than_node;
    const auto selected = narrow ? selects(*search_.retrieved.names, plain) : Selected::whole;
    std::string_view raw;
    if (distinct || selected == Selected::partly) {
        raw = raw_value(field.value());
        if (raw.empty()) {
            return false;
        }
    }
    if (distinct) {
        visit_scalars(*search_.distinct, plain, raw, [this](std::string_view scalar) {
            if (auto value = value_key(scalar); !value.empty()) {
                out_.distinct_values.push_back(std::move(value));
            }
        });
    }
    if (selected == Selected::whole) {
        kept.keep(key);
    } else {
        kept.cut(key);
    }
    if (selected == Selected::partly) {
        select_part(search_.retrieved, name, raw, kept);
    }
    return true;
}

void HitReader::select_part(const Selection& selection, std::string_view name, std::string_view raw,
                            KeptMembers& kept) {
    const auto part = select_within(*selection.names, name, raw);
    if (!part.empty()) {
        kept.add(scratch_.keep("\"" + std::string(name) + "\":" + part));
    }
}

bool HitReader::read_formatted(const char* key, od::value& value, KeptMembers& kept) {
    kept.cut(key);
    od::object object;
    if (value.get_object().get(object)) {
        return false;
    }
    // The node leaves an empty `_formatted` out, so one that becomes empty goes too.
    std::vector<std::string_view> pieces;
    KeptMembers inner(pieces);
    const bool narrow = search_.formatted.narrower_than_node && search_.formatted.names;
    for (auto read : object) {
        od::field field;
        if (std::move(read).get(field)) {
            return false;
        }
        const auto name = raw_name(field.key());
        const auto selected = narrow ? selects(*search_.formatted.names, name) : Selected::whole;
        if (meili::is_reserved(name) || selected != Selected::whole) {
            inner.cut(name.data() - 1);
        } else {
            inner.keep(name.data() - 1);
        }
        if (selected == Selected::partly) {
            select_part(search_.formatted, name, raw_value(field.value()), inner);
        }
    }
    const char* next = location(document_);
    if (!next) {
        return false;
    }
    inner.finish(end_before(next) - 1);
    if (!pieces.empty()) {
        kept.start_member();
        out_.pieces.push_back("\"_formatted\":{");
        out_.pieces.insert(out_.pieces.end(), pieces.begin(), pieces.end());
        out_.pieces.push_back("}");
    }
    return true;
}

bool HitReader::read_matches(const char* key, od::value& value, KeptMembers& kept) {
    kept.cut(key);
    od::object object;
    if (value.get_object().get(object)) {
        return false;
    }
    kept.start_member();
    out_.pieces.push_back("\"_matchesPosition\":{");
    KeptMembers inner(out_.pieces);
    for (auto read : object) {
        od::field field;
        if (std::move(read).get(field)) {
            return false;
        }
        const auto name = raw_name(field.key());
        if (meili::is_reserved(name) || !search_.settings->displays_leaf(name)) {
            inner.cut(name.data() - 1);
        } else {
            inner.keep(name.data() - 1);
        }
    }
    const char* next = location(document_);
    if (!next) {
        return false;
    }
    inner.finish(end_before(next) - 1);
    out_.pieces.push_back("}");
    return true;
}

bool HitReader::read_details(od::value& value, Hit& hit) {
    od::object object;
    const char* start = value.raw_json_token().data();
    const std::string_view rest(start, static_cast<std::size_t>(end_ - start));
    if (!last_details_.empty() && rest.starts_with(last_details_)) {
        hit.details = rest.substr(0, last_details_.size());
        hit.keys = last_keys_;
        return true;
    }
    hit.keys.begin = size_of(out_.keys);
    if (value.get_object().get(object)) {
        return false;
    }
    const auto state = read_score_details(object, document_, scratch_, out_.keys);
    const char* next = location(document_);
    if (state == Details::malformed || !next) {
        return false;
    }
    hit.keys.end = size_of(out_.keys);
    // A document may have a member of this name; the engine's own comes after it.
    hit.details = {};
    if (state == Details::good) {
        hit.details = {start, static_cast<std::size_t>(end_before(next) - start)};
        last_details_ = hit.details;
        last_keys_ = hit.keys;
    }
    return true;
}

}  // namespace miroir::scatter
