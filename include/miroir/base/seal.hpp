#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace miroir {

inline constexpr std::size_t seal_key_bytes = 32;
using SealKey = std::array<unsigned char, seal_key_bytes>;

// The key that `base64` stands for; empty unless that is exactly 32 bytes.
std::optional<SealKey> seal_key_from_base64(std::string_view base64);

// A fresh random key as base64.
std::string random_seal_key();

// Whether a text is what a Sealer made.
bool is_sealed(std::string_view text);

// Encrypts texts for storage (XChaCha20-Poly1305, a random nonce each) so that a change of them is noticed.
class Sealer {
public:
    // Seals with the first key and opens with any; at least one. `purpose`: texts sealed for another purpose
    // under the same keys cannot be opened.
    Sealer(const std::vector<SealKey>& keys, std::string_view purpose);

    std::string seal(std::string_view plain) const;
    // Empty when the text was not sealed with one of the keys.
    std::optional<std::string> open(std::string_view sealed) const;

private:
    std::vector<SealKey> keys_;
};

}  // namespace miroir
