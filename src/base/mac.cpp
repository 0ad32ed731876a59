#include "miroir/base/mac.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>

#include <stdexcept>

namespace miroir {

std::string hmac(MacHash hash, std::string_view key, std::string_view message) {
    const EVP_MD* const digest = hash == MacHash::sha256   ? EVP_sha256()
                                 : hash == MacHash::sha384 ? EVP_sha384()
                                                           : EVP_sha512();
    std::string mac(EVP_MAX_MD_SIZE, '\0');
    unsigned int size = 0;
    const auto* text = reinterpret_cast<const unsigned char*>(message.data());
    if (HMAC(digest, key.data(), static_cast<int>(key.size()), text, message.size(),
             reinterpret_cast<unsigned char*>(mac.data()), &size) == nullptr) {
        throw std::runtime_error("OpenSSL makes no HMAC");
    }
    mac.resize(size);
    return mac;
}

std::string to_hex(std::string_view bytes) {
    std::string hex(bytes.size() * 2 + 1, '\0');
    sodium_bin2hex(hex.data(), hex.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                   bytes.size());
    hex.pop_back();  // the terminating zero
    return hex;
}

std::optional<std::string> from_base64url(std::string_view text) {
    std::string bytes(text.size(), '\0');
    std::size_t size = 0;
    const int failed =
        sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                          text.size(), nullptr, &size, nullptr, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    if (failed != 0) {
        return std::nullopt;
    }
    bytes.resize(size);
    return bytes;
}

}  // namespace miroir
