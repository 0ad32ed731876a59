#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace miroir {

enum class MacHash { sha256, sha384, sha512 };

// HMAC (RFC 2104) of the message: 32, 48 or 64 bytes.
std::string hmac(MacHash hash, std::string_view key, std::string_view message);

// Lower-case hex.
std::string to_hex(std::string_view bytes);

// The bytes of a text in the alphabet of URLs, without padding (RFC 4648, section 5); empty when it is none.
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace miroir
