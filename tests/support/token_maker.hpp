#pragma once

#include <string>
#include <string_view>

#include "miroir/base/mac.hpp"

namespace miroir::test {

// RFC 4648, section 5, without padding.
inline std::string base64url(std::string_view bytes) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string text;
    unsigned kept = 0;
    int bits = 0;
    for (const char c : bytes) {
        kept = (kept << 8U) | static_cast<unsigned char>(c);
        bits += 8;
        while (bits >= 6) {
            bits -= 6;
            text += digits[(kept >> static_cast<unsigned>(bits)) & 63U];
        }
    }
    if (bits > 0) text += digits[(kept << static_cast<unsigned>(6 - bits)) & 63U];
    return text;
}

// A JSON Web Token, whatever its header says of the hash.
inline std::string make_token(std::string_view header, std::string_view claims, std::string_view secret,
                              MacHash hash = MacHash::sha256) {
    const auto message = base64url(header) + "." + base64url(claims);
    return message + "." + base64url(hmac(hash, secret, message));
}

}  // namespace miroir::test
