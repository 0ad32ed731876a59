#pragma once

#include <boost/asio/ip/address.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "miroir/http/message.hpp"

namespace miroir::http {

// The networks whose X-Forwarded-For is believed.
class TrustedProxies {
public:
    // "10.0.0.0/8", "::1", ...; throws std::invalid_argument.
    explicit TrustedProxies(const std::vector<std::string>& blocks);

    // The last address in the chain of forwarders that is not ours: `peer` itself unless it is trusted.
    std::string client_of(const boost::asio::ip::address& peer, const Headers& headers) const;
    bool trusts(const boost::asio::ip::address& address) const;

private:
    struct Block {
        boost::asio::ip::address_v6::bytes_type prefix;
        unsigned bits;
    };

    std::vector<Block> blocks_;
};

}  // namespace miroir::http
