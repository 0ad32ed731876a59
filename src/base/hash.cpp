#include "miroir/base/hash.hpp"

#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <sys/random.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <vector>

#include "miroir/base/clock.hpp"
#include "miroir/base/mac.hpp"

namespace miroir {

namespace {

void fill_random(unsigned char* out, std::size_t size) {
    std::size_t filled = 0;
    while (filled < size) {
        const ssize_t got = getrandom(out + filled, size - filled, 0);
        if (got < 0) {
            if (errno == EINTR) continue;
            throw std::system_error(errno, std::generic_category(), "getrandom");
        }
        filled += static_cast<std::size_t>(got);
    }
}

std::string hex_of(const unsigned char* bytes, std::size_t size) {
    return to_hex({reinterpret_cast<const char*>(bytes), size});
}

// getrandom costs a system call; a uuid is needed per request, so each thread draws many bytes at once.
void take_random(unsigned char* out, std::size_t size) {
    thread_local std::array<unsigned char, 1024> pool;
    thread_local std::size_t used = pool.size();
    if (pool.size() - used < size) {
        fill_random(pool.data(), pool.size());
        used = 0;
    }
    std::copy_n(pool.data() + used, size, out);
    used += size;
}

// RFC 9562, of the common variant.
std::string uuid_text(std::array<unsigned char, 16> bytes, unsigned char version) {
    bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | version);
    bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);
    std::string text = hex_of(bytes.data(), bytes.size());
    for (const std::size_t at : {20, 16, 12, 8}) text.insert(at, 1, '-');
    return text;
}

}  // namespace

std::uint64_t xxh64(std::string_view bytes) {
    return XXH64(bytes.data(), bytes.size(), 0);
}

std::string sha256_hex(std::string_view bytes) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
    SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
    return hex_of(digest.data(), digest.size());
}

std::string random_hex(std::size_t bytes) {
    std::vector<unsigned char> random(bytes);
    fill_random(random.data(), random.size());
    return hex_of(random.data(), random.size());
}

std::string uuid_v7() {
    std::array<unsigned char, 16> bytes;
    take_random(bytes.data() + 6, 10);
    const auto ms = static_cast<std::uint64_t>(system_clock().wall().us / 1000);
    for (std::size_t i = 0; i < 6; ++i) bytes[i] = static_cast<unsigned char>((ms >> (40 - 8 * i)) & 0xff);
    return uuid_text(bytes, 0x70);
}

std::string uuid_v4() {
    std::array<unsigned char, 16> bytes;
    take_random(bytes.data(), bytes.size());
    return uuid_text(bytes, 0x40);
}

bool equal_constant_time(std::string_view left, std::string_view right) {
    return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace miroir
