#include "trusted_proxies.hpp"

#include <charconv>
#include <stdexcept>

#include "text.hpp"

namespace miroir::http {

namespace {

namespace ip = boost::asio::ip;

// Everything as IPv6, so that ::ffff:10.0.0.1 is 10.0.0.1.
ip::address_v6::bytes_type wide(const ip::address& address) {
    if (address.is_v6()) return address.to_v6().to_bytes();
    return ip::make_address_v6(ip::v4_mapped, address.to_v4()).to_bytes();
}

std::string printed(const ip::address& address) {
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        return ip::make_address_v4(ip::v4_mapped, address.to_v6()).to_string();
    }
    return address.to_string();
}

}  // namespace

TrustedProxies::TrustedProxies(const std::vector<std::string>& blocks) {
    for (const auto& block : blocks) {
        const auto slash = block.find('/');
        boost::system::error_code error;
        const auto address = ip::make_address(block.substr(0, slash), error);
        const unsigned width = address.is_v4() ? 32 : 128;
        unsigned bits = width;
        bool good = !error;
        if (slash != std::string::npos) {
            const char* end = block.data() + block.size();
            const auto parsed = std::from_chars(block.data() + slash + 1, end, bits);
            good = good && parsed.ec == std::errc() && parsed.ptr == end && bits <= width;
        }
        if (!good) throw std::invalid_argument("trusted proxy is not an address or CIDR block: " + block);
        blocks_.push_back({wide(address), bits + 128 - width});
    }
}

bool TrustedProxies::trusts(const ip::address& address) const {
    const auto bytes = wide(address);
    for (const auto& block : blocks_) {
        bool same = true;
        for (unsigned bit = 0; same && bit < block.bits; ++bit) {
            const unsigned mask = 0x80u >> (bit % 8);
            same = (bytes[bit / 8] & mask) == (block.prefix[bit / 8] & mask);
        }
        if (same) return true;
    }
    return false;
}

std::string TrustedProxies::client_of(const ip::address& peer, const Headers& headers) const {
    if (blocks_.empty() || !trusts(peer)) return printed(peer);
    std::vector<std::string_view> chain;
    for (const auto& [name, value] : headers) {
        if (!same_ignoring_case(name, "x-forwarded-for")) continue;
        for_each_listed(value, [&chain](std::string_view hop) { chain.push_back(hop); });
    }
    ip::address client = peer;
    for (auto hop = chain.rbegin(); hop != chain.rend() && trusts(client); ++hop) {
        boost::system::error_code error;
        const auto address = ip::make_address(std::string(*hop), error);
        if (error) break;
        client = address;
    }
    return printed(client);
}

}  // namespace miroir::http
