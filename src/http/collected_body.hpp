#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/optional/optional.hpp>
#include <cstdint>
#include <string_view>

#include "body_sink.hpp"

namespace miroir::http {

// Beast's Body concept over BodySink. A fault of the sink stops the parser with partial_message.
struct CollectedBody {
    using value_type = BodySink;

    class reader {
    public:
        template <bool is_request, class Fields>
        reader(boost::beast::http::header<is_request, Fields>&, value_type& sink) : sink_(sink) {}

        void init(const boost::optional<std::uint64_t>&, boost::beast::error_code& error) { error = {}; }

        template <class ConstBufferSequence>
        std::size_t put(const ConstBufferSequence& buffers, boost::beast::error_code& error) {
            std::size_t taken = 0;
            for (auto it = boost::asio::buffer_sequence_begin(buffers);
                 it != boost::asio::buffer_sequence_end(buffers); ++it) {
                const boost::asio::const_buffer buffer = *it;
                if (!sink_.append({static_cast<const char*>(buffer.data()), buffer.size()})) {
                    error = boost::beast::http::error::partial_message;
                    return taken;
                }
                taken += buffer.size();
            }
            error = {};
            return taken;
        }

        void finish(boost::beast::error_code& error) { error = {}; }

    private:
        BodySink& sink_;
    };
};

}  // namespace miroir::http
