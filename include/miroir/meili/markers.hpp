#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "miroir/base/ids.hpp"
#include "miroir/base/result.hpp"
#include "miroir/meili/documents.hpp"

namespace miroir::meili {

inline constexpr std::string_view reserved_prefix = "_miroir_";
inline constexpr std::string_view shard_field = "_miroir_shard";
inline constexpr std::string_view version_field = "_miroir_version";
inline constexpr std::string_view expiry_field = "_miroir_expires_at";

inline constexpr std::size_t shard_digits = 4;
inline constexpr std::size_t version_digits = 16;
inline constexpr std::size_t expiry_digits = 12;
inline constexpr std::size_t digit_bytes = 3;
// A shard marker holds 16 bits.
inline constexpr std::uint32_t shards_max = 65'536;

inline bool is_reserved(std::string_view member) {
    return member.starts_with(reserved_prefix);
}

// Which write a document's present form comes from.
struct DocumentVersion {
    TaskUid task = 0;
    std::uint32_t position = 0;
    friend auto operator<=>(const DocumentVersion&, const DocumentVersion&) = default;
};

// Markers are hexadecimal numbers written in mathematical operators: the engine's tokenizer takes them for
// separators, so no query ever matches one, while filters compare them bytewise, which is numerically.
void append_digits(std::string& out, std::uint64_t value, std::size_t digits);
// Empty when `text` holds anything else than 1 to 16 such digits.
std::optional<std::uint64_t> parse_digits(std::string_view text);

std::string shard_marker(ShardId shard);
std::string version_marker(DocumentVersion version);
std::optional<ShardId> shard_from_marker(std::string_view text);
std::optional<DocumentVersion> version_from_marker(std::string_view text);

// `"_miroir_shard" IN ["..", ".."]`; no shards match nothing.
std::string shard_filter_clause(const std::vector<ShardId>& shards);

// miroir_reserved_field when a document has a member that only miroir may write.
Result<void> check_reserved_members(const DocumentBatch& batch, bool expiry_allowed);
// miroir_reserved_field for a primary key that clients never see; none is fine.
Result<void> check_primary_key_name(const std::optional<std::string>& primary_key);

}  // namespace miroir::meili
