#include "miroir/meili/markers.hpp"

#include <array>

#include "miroir/meili/error.hpp"

namespace miroir::meili {
namespace {

// Ascending in code point and so in UTF-8.
constexpr std::array<std::string_view, 16> digit_texts = {"∔", "∖", "∗", "∘", "∙", "√", "∝", "∟",
                                                          "∠", "∧", "∨", "∩", "∪", "∴", "∵", "∷"};

}  // namespace

void append_digits(std::string& out, std::uint64_t value, std::size_t digits) {
    for (std::size_t i = digits; i-- > 0;) {
        out += digit_texts[value >> (4 * i) & 0xF];
    }
}

std::optional<std::uint64_t> parse_digits(std::string_view text) {
    if (text.empty() || text.size() % digit_bytes != 0 || text.size() > 16 * digit_bytes) {
        return std::nullopt;
    }
    std::uint64_t value = 0;
    for (std::size_t at = 0; at < text.size(); at += digit_bytes) {
        std::uint64_t digit = 0;
        while (digit < digit_texts.size() && digit_texts[digit] != text.substr(at, digit_bytes)) {
            ++digit;
        }
        if (digit == digit_texts.size()) {
            return std::nullopt;
        }
        value = value << 4 | digit;
    }
    return value;
}

std::string shard_marker(ShardId shard) {
    std::string out;
    append_digits(out, shard, shard_digits);
    return out;
}

std::string version_marker(DocumentVersion version) {
    std::string out;
    append_digits(out, std::uint64_t{version.task} << 32 | version.position, version_digits);
    return out;
}

std::optional<ShardId> shard_from_marker(std::string_view text) {
    const auto value = parse_digits(text);
    if (!value || text.size() != shard_digits * digit_bytes) {
        return std::nullopt;
    }
    return static_cast<ShardId>(*value);
}

std::optional<DocumentVersion> version_from_marker(std::string_view text) {
    const auto value = parse_digits(text);
    if (!value || text.size() != version_digits * digit_bytes) {
        return std::nullopt;
    }
    return DocumentVersion{static_cast<TaskUid>(*value >> 32), static_cast<std::uint32_t>(*value)};
}

std::string shard_filter_clause(const std::vector<ShardId>& shards) {
    std::string clause = "\"_miroir_shard\" IN [";
    for (std::size_t i = 0; i < shards.size(); ++i) {
        clause += i == 0 ? "\"" : ", \"";
        append_digits(clause, shards[i], shard_digits);
        clause += '"';
    }
    clause += ']';
    return clause;
}

Result<void> check_primary_key_name(const std::optional<std::string>& primary_key) {
    if (!primary_key || !is_reserved(*primary_key)) {
        return ok();
    }
    return error("miroir_reserved_field", "The primary key `" + *primary_key +
                                              "` is reserved: names of fields cannot start with `_miroir_`.");
}

Result<void> check_reserved_members(const DocumentBatch& batch, bool expiry_allowed) {
    if (!batch.reserved_member && (expiry_allowed || !batch.has_expiry)) {
        return ok();
    }
    const std::string member = batch.reserved_member.value_or(std::string(expiry_field));
    return error("miroir_reserved_field", "The document field `" + member +
                                              "` is reserved: names of fields cannot start with `_miroir_`.");
}

}  // namespace miroir::meili
