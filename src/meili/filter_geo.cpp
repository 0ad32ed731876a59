#include <utility>

#include "filter_parser.hpp"

namespace miroir::meili {
namespace {

using Kind = FilterFault::Kind;
using Node = FilterNode;
using Numbers = std::vector<FilterToken>;

// Elements of `element` with commas between; a comma that no element follows is left in place.
template <class T, class Element>
Parsed<std::vector<T>> read_separated(FilterReader& reader, Element element) {
    std::vector<T> all;
    auto before = reader.at();
    do {
        auto read = element(reader);
        if (!read) {
            if (all.empty() || read.error().final) return std::move(read).error();
            reader.move_to(before);
            return all;
        }
        all.push_back(std::move(read).value());
        before = reader.at();
    } while (reader.take(","));
    return all;
}

Parsed<FilterToken> read_number(FilterReader& reader) {
    reader.skip_blanks();
    auto number = reader.number();
    if (number) reader.skip_blanks();
    return number;
}

Parsed<Numbers> read_point(FilterReader& reader) {
    reader.skip_blanks();
    if (!reader.take("[")) return reader.fault(Kind::no_match, reader.at());
    auto numbers = read_separated<FilterToken>(reader, read_number);
    if (!numbers) return numbers;
    if (!reader.take("]")) return reader.fault(Kind::no_match, reader.at());
    reader.skip_blanks();
    return numbers;
}

Parsed<Numbers> read_arguments(FilterReader& reader) {
    if (!reader.take("(")) return reader.fault(Kind::no_match, reader.at());
    auto numbers = read_separated<FilterToken>(reader, read_number);
    if (numbers && !reader.take(")")) return reader.fault(Kind::no_match, reader.at());
    return numbers;
}

Parsed<std::vector<Numbers>> read_points(FilterReader& reader, bool trailing_comma) {
    if (!reader.take("(")) return reader.fault(Kind::no_match, reader.at());
    auto points = read_separated<Numbers>(reader, read_point);
    if (!points) return points;
    if (trailing_comma) {
        const auto before = reader.at();
        reader.skip_blanks();
        if (reader.take(",")) {
            reader.skip_blanks();
        } else {
            reader.move_to(before);
        }
    }
    if (!reader.take(")")) return reader.fault(Kind::no_match, reader.at());
    return points;
}

FilterFault as_final(FilterFault fault, Kind kind) {
    fault.kind = kind;
    fault.final = true;
    return fault;
}

Node geo_node(Node::Kind kind, Numbers values) {
    Node node;
    node.kind = kind;
    node.values = std::move(values);
    return node;
}

// The points' coordinates in a row, or the fault of the first that is no pair.
Parsed<Numbers> flatten_pairs(const FilterReader& reader, std::vector<Numbers> points) {
    Numbers all;
    for (auto& point : points) {
        if (point.size() != 2) {
            auto fault = reader.final_fault(Kind::geo_not_a_pair, reader.at());
            fault.where = point.front().span;
            fault.count = point.size();
            return fault;
        }
        for (auto& number : point) all.push_back(std::move(number));
    }
    return all;
}

Parsed<Node> read_radius(FilterReader& reader) {
    auto arguments = read_arguments(reader);
    if (!arguments) return as_final(std::move(arguments).error(), Kind::geo_radius);
    auto values = std::move(arguments).value();
    if (values.size() < 3 || values.size() > 4) {
        auto fault = reader.final_fault(Kind::geo_radius_arguments, reader.at());
        fault.count = values.size();
        return fault;
    }
    return geo_node(Node::Kind::geo_radius, std::move(values));
}

Parsed<Node> read_bounding_box(FilterReader& reader) {
    auto points = read_points(reader, false);
    if (!points) return as_final(std::move(points).error(), Kind::geo_bounding_box);
    if (points.value().size() != 2) return reader.final_fault(Kind::geo_bounding_box, reader.at());
    auto values = flatten_pairs(reader, std::move(points).value());
    if (!values) return std::move(values).error();
    return geo_node(Node::Kind::geo_bounding_box, std::move(values).value());
}

Parsed<Node> read_polygon(FilterReader& reader) {
    auto points = read_points(reader, true);
    if (!points) return as_final(std::move(points).error(), Kind::geo_polygon);
    if (points.value().size() < 3) {
        auto fault = reader.final_fault(Kind::geo_polygon_points, reader.at());
        fault.where = points.value().back().back().span;
        fault.count = points.value().size();
        return fault;
    }
    auto values = flatten_pairs(reader, std::move(points).value());
    if (!values) return std::move(values).error();
    return geo_node(Node::Kind::geo_polygon, std::move(values).value());
}

}  // namespace

Parsed<Node> read_geo_filter(FilterReader& reader) {
    reader.skip_blanks();
    if (reader.take_word("_geoRadius")) return read_radius(reader);
    if (reader.take_word("_geoBoundingBox")) return read_bounding_box(reader);
    if (reader.take_word("_geoPolygon")) return read_polygon(reader);
    return reader.fault(Kind::no_match, reader.at());
}

}  // namespace miroir::meili
