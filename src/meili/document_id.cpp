#include "miroir/meili/document_id.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "document_scanner.hpp"
#include "member_name.hpp"
#include "miroir/meili/error.hpp"
#include "miroir/meili/json_value.hpp"

namespace miroir::meili {
namespace {

constexpr std::size_t id_bytes_max = 511;

std::string compact(std::string_view json) {
    const auto parsed = parse_json(json);
    return parsed ? print(parsed.value()) : std::string(json);
}

ApiError missing_document_id(std::string_view key, std::string_view document) {
    return error("missing_document_id", "Document doesn't have a `" + std::string(key) + "` attribute: `" +
                                            compact(document) + "`.");
}

ApiError too_many_document_ids(std::string_view key, std::string_view document) {
    return error("invalid_document_id", "Document have too many matching `" + std::string(key) +
                                            "` attribute: `" + compact(document) + "`.");
}

constexpr std::array<bool, 256> id_bytes = [] {
    std::array<bool, 256> allowed{};
    for (const char c :
         std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")) {
        allowed[static_cast<unsigned char>(c)] = true;
    }
    return allowed;
}();

// Whether a JSON number is an integer of 64 bits; -0 is none.
bool is_integer(std::string_view number) {
    if (number.starts_with('-')) {
        std::int64_t value = 0;
        const auto [end, fault] = std::from_chars(number.data(), number.data() + number.size(), value);
        return fault == std::errc{} && end == number.data() + number.size() && value != 0;
    }
    std::uint64_t value = 0;
    const auto [end, fault] = std::from_chars(number.data(), number.data() + number.size(), value);
    return fault == std::errc{} && end == number.data() + number.size();
}

// One way through the document to the key: a member's name and what must follow inside it.
struct Path {
    std::string_view name;
    std::string_view rest;
};

std::vector<Path> paths_of(std::string_view key) {
    std::vector<Path> paths;
    for (std::size_t dot = key.find('.'); dot != std::string_view::npos; dot = key.find('.', dot + 1)) {
        paths.push_back({key.substr(0, dot), key.substr(dot + 1)});
    }
    paths.push_back({key, ""});
    std::erase_if(paths, [](const Path& path) { return path.name.empty(); });
    return paths;
}

class IdSearch {
public:
    IdSearch(const DocumentBatch& batch, std::string_view key)
        : key_(key), paths_(paths_of(key)), last_counts_(batch.last_member_counts()) {}

    // The value of the document's id as it was sent, or what is wrong with it.
    Result<std::string_view> find(std::string_view document);

private:
    struct Match {
        const Path* path;
        std::string_view value;
    };

    enum class Verdict { good, invalid, too_many };

    void collect(std::string_view document);
    Verdict judge(std::string_view value, std::string_view rest, std::optional<std::string_view>& id);

    std::string_view key_;
    std::vector<Path> paths_;
    bool last_counts_;
    std::vector<Match> matches_;
    std::string_view invalid_;
};

bool is_valid_value(std::string_view value) {
    if (!value.starts_with('"')) {
        return is_integer(value);
    }
    const std::string_view raw = value.substr(1, value.size() - 2);
    return is_valid_document_id(raw) ||
           (raw.find('\\') != std::string_view::npos && is_valid_document_id(plain_name(raw)));
}

void IdSearch::collect(std::string_view document) {
    matches_.clear();
    for (MemberWalker member(document); member.next();) {
        for (const Path& path : paths_) {
            if (!is_named(member.raw_name(), path.name)) {
                continue;
            }
            Match* earlier = nullptr;
            for (Match& match : matches_) {
                earlier = last_counts_ && match.path == &path ? &match : earlier;
            }
            if (earlier != nullptr) {
                earlier->value = member.value();
            } else {
                matches_.push_back({&path, member.value()});
            }
            break;
        }
    }
}

IdSearch::Verdict IdSearch::judge(std::string_view value, std::string_view rest,
                                  std::optional<std::string_view>& id) {
    std::optional<std::string_view> found;
    if (rest.empty()) {
        if (!is_valid_value(value)) {
            invalid_ = value;
            return Verdict::invalid;
        }
        found = value;
    } else if (value.starts_with('{')) {
        const std::vector<Path> paths = paths_of(rest);
        for (MemberWalker member(value); member.next();) {
            for (const Path& path : paths) {
                if (!is_named(member.raw_name(), path.name)) {
                    continue;
                }
                const Verdict verdict = judge(member.value(), path.rest, found);
                if (verdict != Verdict::good) {
                    return verdict;
                }
                break;
            }
        }
    }
    if (!found) {
        return Verdict::good;
    }
    if (id) {
        return Verdict::too_many;
    }
    id = found;
    return Verdict::good;
}

Result<std::string_view> IdSearch::find(std::string_view document) {
    collect(document);
    std::optional<std::string_view> id;
    for (const Match& match : matches_) {
        switch (judge(match.value, match.path->rest, id)) {
            case Verdict::good:
                break;
            case Verdict::invalid:
                return invalid_document_id(compact(invalid_));
            case Verdict::too_many:
                return too_many_document_ids(key_, document);
        }
    }
    if (!id) {
        return missing_document_id(key_, document);
    }
    return *id;
}

}  // namespace

DocumentIds::DocumentIds(const std::vector<std::string>& ids) {
    reserve(ids.size());
    for (const std::string& id : ids) {
        add(id);
    }
}

void DocumentIds::add(std::string_view id) {
    const std::size_t size = text_.size() + id.size();
    if (size > text_.capacity()) {
        // The rest is guessed to be as long as those before.
        const std::size_t guess = (size / (ends_.size() + 1) + 1) * ends_.capacity();
        text_.reserve(std::max(guess, size + size / 4));
    }
    text_.insert(text_.end(), id.begin(), id.end());
    ends_.push_back(static_cast<std::uint32_t>(size));
}

bool is_valid_document_id(std::string_view id) {
    if (id.empty() || id.size() > id_bytes_max) {
        return false;
    }
    for (const char c : id) {
        if (!id_bytes[static_cast<unsigned char>(c)]) {
            return false;
        }
    }
    return true;
}

ApiError invalid_document_id(std::string_view value_json) {
    return error(
        "invalid_document_id",
        "Document identifier `" + std::string(value_json) +
            "` is invalid. A document identifier can be of type integer or string, only composed of "
            "alphanumeric characters (a-z A-Z 0-9), hyphens (-) and underscores (_), and can not be more "
            "than 511 bytes.");
}

Result<DocumentIds> extract_document_ids(const DocumentBatch& batch, std::string_view primary_key) {
    DocumentIds ids;
    ids.reserve(batch.size());
    IdSearch search(batch, primary_key);
    for (std::size_t i = 0; i < batch.size(); ++i) {
        const auto found = search.find(batch[i]);
        if (!found) {
            return found.error();
        }
        std::string_view value = found.value();
        if (value.starts_with('"')) {
            value = value.substr(1, value.size() - 2);
        }
        if (value.find('\\') == std::string_view::npos) {
            ids.add(value);
        } else {
            ids.add(plain_name(value));
        }
    }
    return ids;
}

}  // namespace miroir::meili
