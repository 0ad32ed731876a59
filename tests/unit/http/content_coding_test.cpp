#include "http/content_coding.hpp"

#include <gtest/gtest.h>

#include <random>

#include "http/body_sink.hpp"

namespace miroir::http {
namespace {

constexpr Coding codings[] = {Coding::gzip, Coding::deflate, Coding::br};
constexpr std::uint64_t no_limit = 1 << 30;

std::string some_text(std::size_t size, unsigned seed) {
    std::mt19937 random(seed);
    std::string text;
    while (text.size() < size) text += "{\"id\":" + std::to_string(random() % 1000) + "},";
    text.resize(size);
    return text;
}

std::string decoded_in_pieces(Coding coding, std::string_view encoded, std::size_t piece) {
    Decoder decoder(coding);
    std::string out;
    for (std::size_t at = 0; at < encoded.size(); at += piece) {
        EXPECT_EQ(decoder.feed(encoded.substr(at, piece), out, no_limit), Decoder::Status::ok);
    }
    EXPECT_TRUE(decoder.complete());
    return out;
}

TEST(ContentCoding, DecodesWhatItEncodesInPiecesOfAnySize) {
    for (const auto coding : codings) {
        for (const std::size_t size : {0, 1, 1000, 32 * 1024, 300'000}) {
            const auto text = some_text(size, 7);
            const auto encoded = encode(coding, text);
            EXPECT_EQ(decoded_in_pieces(coding, encoded, 1 << 20), text) << name_of(coding) << size;
            EXPECT_EQ(decoded_in_pieces(coding, encoded, 13), text) << name_of(coding) << size;
        }
    }
}

TEST(ContentCoding, EncoderFedInPiecesMakesOneEncoding) {
    const auto text = some_text(200'000, 3);
    for (const auto coding : codings) {
        Encoder encoder(coding);
        std::string encoded;
        for (std::size_t at = 0; at < text.size(); at += 50'000) {
            encoder.feed(std::string_view(text).substr(at, 50'000), at + 50'000 >= text.size(), encoded);
        }
        EXPECT_EQ(decoded_in_pieces(coding, encoded, 4096), text) << name_of(coding);
    }
}

TEST(ContentCoding, ATruncatedEncodingIsIncomplete) {
    for (const auto coding : codings) {
        const auto encoded = encode(coding, some_text(5000, 1));
        Decoder decoder(coding);
        std::string out;
        decoder.feed(std::string_view(encoded).substr(0, encoded.size() - 5), out, no_limit);
        EXPECT_FALSE(decoder.complete()) << name_of(coding);
    }
}

TEST(ContentCoding, GarbageIsCorrupt) {
    for (const auto coding : codings) {
        Decoder decoder(coding);
        std::string out;
        const auto status = decoder.feed("{\"this\": \"is not compressed\"} and a bit more", out, no_limit);
        EXPECT_TRUE(status == Decoder::Status::corrupt || !decoder.complete()) << name_of(coding);
    }
}

TEST(ContentCoding, SeveralGzipMembersAreOneText) {
    const auto encoded = encode(Coding::gzip, "one ") + encode(Coding::gzip, "two");
    EXPECT_EQ(decoded_in_pieces(Coding::gzip, encoded, 5), "one two");
}

TEST(ContentCoding, ABombStopsAtTheLimit) {
    const std::string zeros(50'000'000, '0');
    for (const auto coding : codings) {
        const auto encoded = encode(coding, zeros);
        Decoder decoder(coding);
        std::string out;
        EXPECT_EQ(decoder.feed(encoded, out, 1'000'000), Decoder::Status::too_large);
        EXPECT_LE(out.size(), 1'000'000u);
    }
}

TEST(BestAccepted, FollowsQThenCost) {
    EXPECT_EQ(best_accepted(""), Coding::identity);
    EXPECT_EQ(best_accepted("gzip"), Coding::gzip);
    EXPECT_EQ(best_accepted("GZIP;q=0.5, br"), Coding::br);
    EXPECT_EQ(best_accepted("br, deflate, gzip"), Coding::gzip);
    EXPECT_EQ(best_accepted("deflate"), Coding::deflate);
    EXPECT_EQ(best_accepted("*"), Coding::gzip);
    EXPECT_EQ(best_accepted("gzip;q=0, *"), Coding::br);
    EXPECT_EQ(best_accepted("identity, gzip;q=0.5"), Coding::identity);
    EXPECT_EQ(best_accepted("zstd, gzip;q=0"), Coding::identity);
}

TEST(BodySink, KeepsPaddingAfterTheEnd) {
    for (const std::size_t size : {0, 1, 64, 1000}) {
        BodySink sink;
        sink.expect(Coding::identity, std::nullopt, 1000);
        EXPECT_TRUE(sink.append(std::string(size, 'x')));
        EXPECT_TRUE(sink.finish());
        const auto body = sink.take();
        EXPECT_EQ(body.size(), size);
        EXPECT_GE(body.capacity() - body.size(), body_padding);
    }
}

TEST(BodySink, OfKnownLengthAllocatesOnce) {
    BodySink sink;
    sink.expect(Coding::identity, 1'000'000, 2'000'000);
    const std::string piece(10'000, 'x');
    for (int i = 0; i < 100; ++i) sink.append(piece);
    const auto body = sink.take();
    EXPECT_EQ(body.size(), 1'000'000u);
    EXPECT_LE(body.capacity(), 1'000'000u + 2 * body_padding);
}

TEST(BodySink, ALengthOverTheLimitIsKnownAtOnce) {
    BodySink sink;
    sink.expect(Coding::identity, 1001, 1000);
    EXPECT_EQ(sink.fault(), BodySink::Fault::too_large);
}

TEST(BodySink, TheLimitCountsDecodedBytes) {
    const auto encoded = encode(Coding::gzip, std::string(1001, 'x'));
    BodySink sink;
    sink.expect(Coding::gzip, encoded.size(), 1000);
    EXPECT_FALSE(sink.append(encoded));
    EXPECT_EQ(sink.fault(), BodySink::Fault::too_large);
    BodySink larger;
    larger.expect(Coding::gzip, encoded.size(), 1001);
    EXPECT_TRUE(larger.append(encoded));
    EXPECT_TRUE(larger.finish());
}

TEST(BodySink, AnEncodingWithoutItsEndIsCorrupt) {
    const auto encoded = encode(Coding::gzip, std::string(1000, 'x'));
    BodySink sink;
    sink.expect(Coding::gzip, std::nullopt, 1000);
    EXPECT_TRUE(sink.append(std::string_view(encoded).substr(0, encoded.size() - 1)));
    EXPECT_FALSE(sink.finish());
    EXPECT_EQ(sink.fault(), BodySink::Fault::corrupt);
}

}  // namespace
}  // namespace miroir::http
