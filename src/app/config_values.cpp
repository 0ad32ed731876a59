#include "config_values.hpp"

#include <arpa/inet.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <numeric>

#include "miroir/cluster/placement.hpp"

namespace miroir::app {
namespace {

struct Unit {
    std::string_view name;
    std::uint64_t factor;
};

constexpr std::array<Unit, 7> byte_units = {{{"GiB", 1ULL << 30U},
                                             {"GB", 1'000'000'000},
                                             {"MiB", 1ULL << 20U},
                                             {"MB", 1'000'000},
                                             {"KiB", 1ULL << 10U},
                                             {"kB", 1'000},
                                             {"B", 1}}};
constexpr std::array<Unit, 5> time_units = {
    {{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};

std::optional<std::uint64_t> scaled(std::string_view digits, std::uint64_t factor) {
    const auto number = parse_whole_number(digits);
    if (!number || *number > std::numeric_limits<std::uint64_t>::max() / factor) return std::nullopt;
    return *number * factor;
}

// The number before the unit at the end of `text`, times that unit, else times `without_unit`.
template <std::size_t N>
std::optional<std::uint64_t> in_units(std::string_view text, const std::array<Unit, N>& units,
                                      std::uint64_t without_unit) {
    const auto end_of_digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto name = trimmed(text.substr(end_of_digits));
    const auto digits = text.substr(0, end_of_digits);
    if (name.empty()) return scaled(digits, without_unit);
    const auto unit =
        std::find_if(units.begin(), units.end(), [&](const Unit& known) { return known.name == name; });
    return unit == units.end() ? std::nullopt : scaled(digits, unit->factor);
}

std::string quoted(std::string_view text) {
    return "\"" + std::string(text) + "\"";
}

std::optional<YAML::Node> as_sequence(const std::string& text) {
    try {
        auto node = YAML::Load(text);
        if (node.IsSequence()) return node;
        if (node.IsNull()) return YAML::Node(YAML::NodeType::Sequence);
    } catch (const YAML::Exception&) {
        return std::nullopt;
    }
    return std::nullopt;
}

// The members of one entry of a list; empty after a fault.
class EntryReader {
public:
    EntryReader(const YAML::Node& entry, const std::vector<std::string>& known, std::string& fault)
        : entry_(entry), fault_(fault) {
        if (!entry.IsMap()) {
            complain("an entry is not a map of " + joined(known));
            return;
        }
        for (const auto& member : entry) {
            const auto name = member.first.IsScalar() ? member.first.Scalar() : "?";
            if (std::find(known.begin(), known.end(), name) == known.end()) {
                complain("unknown member " + quoted(name) + " of an entry: expected " + joined(known));
            }
        }
    }

    std::string text(const std::string& name, const std::string& absent = "") {
        if (!fault_.empty()) return "";
        const auto value = entry_[name];
        if (value && value.IsScalar() && !value.Scalar().empty()) return value.Scalar();
        if (absent.empty() || value) complain("an entry has no " + quoted(name));
        return absent;
    }

    std::uint32_t number(const std::string& name, std::uint64_t least, std::uint64_t most,
                         const std::string& absent) {
        const auto read = text(name, absent);
        const auto value = parse_whole_number(read);
        if (value && *value >= least && *value <= most) return static_cast<std::uint32_t>(*value);
        complain(quoted(name) + " of an entry is not a whole number from " + std::to_string(least) + " to " +
                 std::to_string(most));
        return 0;
    }

private:
    static std::string joined(const std::vector<std::string>& names) {
        return std::accumulate(
            std::next(names.begin()), names.end(), names.front(),
            [](const std::string& all, const std::string& name) { return all + ", " + name; });
    }
    void complain(const std::string& what) {
        if (fault_.empty()) fault_ = what;
    }

    const YAML::Node entry_;
    std::string& fault_;
};

// Optimal string alignment: insertions, deletions, replacements and swaps of neighbours.
std::size_t distance(std::string_view left, std::string_view right) {
    std::vector<std::vector<std::size_t>> cost(left.size() + 1, std::vector<std::size_t>(right.size() + 1));
    for (std::size_t i = 0; i <= left.size(); ++i) cost[i][0] = i;
    for (std::size_t j = 0; j <= right.size(); ++j) cost[0][j] = j;
    for (std::size_t i = 1; i <= left.size(); ++i) {
        for (std::size_t j = 1; j <= right.size(); ++j) {
            const std::size_t differs = left[i - 1] == right[j - 1] ? 0 : 1;
            cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + differs});
            if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1]) {
                cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
            }
        }
    }
    return cost[left.size()][right.size()];
}

}  // namespace

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::optional<std::uint64_t> parse_whole_number(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
    return in_units(text, byte_units, 1);
}

std::string print_bytes(std::uint64_t bytes) {
    for (const auto& unit : byte_units) {
        if (bytes > 0 && bytes % unit.factor == 0 && unit.factor > 1) {
            return std::to_string(bytes / unit.factor) + std::string(unit.name);
        }
    }
    return std::to_string(bytes);
}

std::optional<std::uint64_t> parse_duration_ms(std::string_view text, std::uint64_t unit_ms) {
    return in_units(text, time_units, unit_ms);
}

std::optional<std::vector<std::string>> parse_texts(const std::string& text) {
    std::vector<std::string> texts;
    const auto all = trimmed(text);
    if (all.starts_with('[') || all.starts_with("- ")) {
        const auto sequence = as_sequence(text);
        if (!sequence) return std::nullopt;
        for (const auto& entry : *sequence) {
            if (!entry.IsScalar()) return std::nullopt;
            texts.push_back(entry.Scalar());
        }
        return texts;
    }
    for (std::size_t begin = 0; begin < all.size();) {
        const auto end = std::min(all.find(',', begin), all.size());
        const auto entry = trimmed(all.substr(begin, end - begin));
        if (!entry.empty()) texts.emplace_back(entry);
        begin = end + 1;
    }
    return texts;
}

std::string print_texts(const std::vector<std::string>& texts) {
    YAML::Emitter out;
    out << YAML::Flow << texts;
    return out.c_str();
}

std::vector<NodeEntry> parse_nodes(const std::string& text, std::string& fault) {
    const auto sequence = as_sequence(text);
    if (!sequence) fault = "is not a list of {id, url, group}";
    std::vector<NodeEntry> nodes;
    for (std::size_t i = 0; fault.empty() && i < sequence->size(); ++i) {
        EntryReader entry((*sequence)[i], {"id", "url", "group"}, fault);
        NodeEntry node;
        node.id = entry.text("id");
        node.url = entry.text("url");
        node.group = entry.number("group", 0, 1'000, "0");
        nodes.push_back(std::move(node));
    }
    return nodes;
}

std::string print_nodes(const std::vector<NodeEntry>& nodes) {
    YAML::Emitter out;
    out << YAML::Flow << YAML::BeginSeq;
    for (const auto& node : nodes) {
        out << YAML::BeginMap << YAML::Key << "id" << YAML::Value << node.id << YAML::Key << "url"
            << YAML::Value << node.url << YAML::Key << "group" << YAML::Value << node.group << YAML::EndMap;
    }
    out << YAML::EndSeq;
    return out.c_str();
}

std::vector<IndexDefault> parse_index_defaults(const std::string& text, std::string& fault) {
    const auto sequence = as_sequence(text);
    if (!sequence) fault = "is not a list of {pattern, shards}";
    std::vector<IndexDefault> defaults;
    for (std::size_t i = 0; fault.empty() && i < sequence->size(); ++i) {
        EntryReader entry((*sequence)[i], {"pattern", "shards"}, fault);
        IndexDefault index;
        index.pattern = entry.text("pattern");
        index.shards = entry.number("shards", 1, cluster::index_shards_max, "");
        defaults.push_back(std::move(index));
    }
    return defaults;
}

std::string print_index_defaults(const std::vector<IndexDefault>& defaults) {
    YAML::Emitter out;
    out << YAML::Flow << YAML::BeginSeq;
    for (const auto& index : defaults) {
        out << YAML::BeginMap << YAML::Key << "pattern" << YAML::Value << index.pattern << YAML::Key
            << "shards" << YAML::Value << index.shards << YAML::EndMap;
    }
    out << YAML::EndSeq;
    return out.c_str();
}

bool is_address_block(const std::string& text) {
    const auto slash = text.find('/');
    const auto address = text.substr(0, slash);
    std::array<unsigned char, sizeof(in6_addr)> parsed{};
    const bool v4 = inet_pton(AF_INET, address.c_str(), parsed.data()) == 1;
    if (!v4 && inet_pton(AF_INET6, address.c_str(), parsed.data()) != 1) return false;
    if (slash == std::string::npos) return true;
    const auto bits = parse_whole_number(std::string_view(text).substr(slash + 1));
    return bits && *bits <= (v4 ? 32U : 128U);
}

std::string closest(std::string_view text, const std::vector<std::string>& candidates) {
    std::string best;
    auto least = std::max<std::size_t>(2, text.size() / 4) + 1;
    for (const auto& candidate : candidates) {
        const auto cost = distance(text, candidate);
        if (cost < least) {
            least = cost;
            best = candidate;
        }
    }
    return best;
}

}  // namespace miroir::app
