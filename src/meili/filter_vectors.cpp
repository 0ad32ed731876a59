#include <array>
#include <utility>

#include "filter_parser.hpp"

namespace miroir::meili {
namespace {

using Kind = FilterFault::Kind;
using Node = FilterNode;

struct NamedPart {
    std::string_view name;
    Node::VectorPart part;
};

constexpr std::array<NamedPart, 3> plain_parts = {{
    {"userProvided", Node::VectorPart::user_provided},
    {"documentTemplate", Node::VectorPart::document_template},
    {"regenerate", Node::VectorPart::regenerate},
}};

// What may follow the embedder. Returns the name of the part that was read; empty for none.
Parsed<std::string> read_part(FilterReader& reader, Node& node) {
    if (reader.take(".fragments")) {
        if (!reader.take(".")) return reader.final_fault(Kind::vector_missing_fragment, reader.at());
        auto fragment = reader.vector_name(Kind::vector_invalid_fragment);
        if (!fragment) return std::move(fragment).error();
        node.vector_part = Node::VectorPart::fragment;
        node.values.push_back(std::move(fragment).value());
        return std::string("fragments");
    }
    for (const auto& [name, part] : plain_parts) {
        if (!reader.take("." + std::string(name))) continue;
        node.vector_part = part;
        return std::string(name);
    }
    return std::string();
}

FilterFault unknown_suffix(FilterReader& reader, std::string previous) {
    const auto point = reader.at() - 1;
    auto fault = reader.final_fault(Kind::vector_unknown_suffix, point);
    fault.previous = std::move(previous);
    auto name = reader.vector_name(Kind::vector_unknown_suffix);
    fault.where = name ? name.value().span : reader.span(point, point + 1);
    fault.detail = name ? name.value().text : ".";
    return fault;
}

Parsed<Node> read_embedder(FilterReader& reader, Node node) {
    const auto begin = reader.at();
    if (reader.take(" ")) {
        auto fault = reader.final_fault(Kind::vector_missing_embedder, begin);
        fault.where = reader.span(begin, begin + 1);
        return fault;
    }
    auto embedder = reader.vector_name(Kind::vector_invalid_embedder);
    if (!embedder) return std::move(embedder).error();
    node.values.push_back(std::move(embedder).value());
    auto part = read_part(reader, node);
    if (!part) return std::move(part).error();
    if (reader.take(".")) return unknown_suffix(reader, std::move(part).value());
    if (!reader.take_blanks()) return reader.final_fault(Kind::vector_leftover, reader.at());
    return node;
}

}  // namespace

Parsed<Node> read_vector_filter(FilterReader& reader) {
    reader.skip_blanks();
    const auto begin = reader.at();
    if (!reader.take("_vectors")) return reader.fault(Kind::no_match, begin);
    Node node;
    node.kind = Node::Kind::vector_exists;
    node.attribute = FilterToken{"_vectors", reader.span(begin, reader.at())};
    if (!reader.take_blanks()) {
        if (!reader.take(".")) return reader.fault(Kind::no_match, begin);
        auto with_embedder = read_embedder(reader, std::move(node));
        if (!with_embedder) return with_embedder;
        node = std::move(with_embedder).value();
    }
    if (reader.take("EXISTS")) return node;
    if (reader.take_sequence({"NOT", "EXISTS"})) return negated(std::move(node));
    return reader.final_fault(Kind::vector_operation, reader.at());
}

}  // namespace miroir::meili
