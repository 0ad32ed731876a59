#include "miroir/base/seal.hpp"

#include <sodium.h>

#include <algorithm>
#include <stdexcept>

namespace miroir {

namespace {

constexpr std::string_view mark = "sealed:1:";
constexpr int variant = sodium_base64_VARIANT_ORIGINAL;
constexpr std::size_t nonce_bytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_bytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == seal_key_bytes);

void start_sodium() {
    static const bool started = sodium_init() >= 0;
    if (!started) {
        throw std::runtime_error("libsodium cannot be used on this machine");
    }
}

unsigned char* bytes_of(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}
const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

std::string to_base64(std::string_view bytes) {
    std::string text(sodium_base64_encoded_len(bytes.size(), variant), '\0');
    sodium_bin2base64(text.data(), text.size(), bytes_of(bytes), bytes.size(), variant);
    text.pop_back();  // the terminating zero
    return text;
}

std::optional<std::string> from_base64(std::string_view text) {
    std::string bytes(text.size(), '\0');
    std::size_t size = 0;
    const int failed = sodium_base642bin(bytes_of(bytes), bytes.size(), text.data(), text.size(), nullptr,
                                         &size, nullptr, variant);
    if (failed != 0) {
        return std::nullopt;
    }
    bytes.resize(size);
    return bytes;
}

SealKey derived(const SealKey& key, std::string_view purpose) {
    SealKey result{};
    crypto_generichash(result.data(), result.size(), bytes_of(purpose), purpose.size(), key.data(),
                       key.size());
    return result;
}

}  // namespace

std::optional<SealKey> seal_key_from_base64(std::string_view base64) {
    const auto bytes = from_base64(base64);
    if (!bytes || bytes->size() != seal_key_bytes) {
        return std::nullopt;
    }
    SealKey key{};
    std::copy(bytes->begin(), bytes->end(), key.begin());
    return key;
}

std::string random_seal_key() {
    start_sodium();
    std::string key(seal_key_bytes, '\0');
    randombytes_buf(key.data(), key.size());
    return to_base64(key);
}

bool is_sealed(std::string_view text) {
    return text.starts_with(mark);
}

Sealer::Sealer(const std::vector<SealKey>& keys, std::string_view purpose) {
    start_sodium();
    for (const auto& key : keys) {
        keys_.push_back(derived(key, purpose));
    }
}

std::string Sealer::seal(std::string_view plain) const {
    std::string bytes(nonce_bytes + plain.size() + tag_bytes, '\0');
    randombytes_buf(bytes.data(), nonce_bytes);
    auto* const out = bytes_of(bytes) + nonce_bytes;
    crypto_aead_xchacha20poly1305_ietf_encrypt(out, nullptr, bytes_of(plain), plain.size(), bytes_of(mark),
                                               mark.size(), nullptr, bytes_of(bytes), keys_.front().data());
    return std::string(mark) + to_base64(bytes);
}

std::optional<std::string> Sealer::open(std::string_view sealed) const {
    if (!is_sealed(sealed)) {
        return std::nullopt;
    }
    const auto bytes = from_base64(sealed.substr(mark.size()));
    if (!bytes || bytes->size() < nonce_bytes + tag_bytes) {
        return std::nullopt;
    }
    const auto* const nonce = bytes_of(std::string_view(*bytes));
    const auto size = bytes->size() - nonce_bytes;
    std::string plain(size - tag_bytes, '\0');
    for (const auto& key : keys_) {
        const int failed =
            crypto_aead_xchacha20poly1305_ietf_decrypt(bytes_of(plain), nullptr, nullptr, nonce + nonce_bytes,
                                                       size, bytes_of(mark), mark.size(), nonce, key.data());
        if (failed == 0) {
            return plain;
        }
    }
    return std::nullopt;
}

}  // namespace miroir
