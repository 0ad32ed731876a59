#include "miroir/writes/split.hpp"

#include <algorithm>
#include <utility>

#include "miroir/meili/json_text.hpp"
#include "miroir/meili/markers.hpp"

namespace miroir::writes {
namespace {

constexpr std::size_t position_digits = meili::version_digits / 2;
constexpr std::string_view document_end = "\"}";
// The version's last digits, the document's end and a separator.
constexpr std::size_t position_stamp_bytes = position_digits * meili::digit_bytes + document_end.size() + 1;
// Both brackets of a list instead of its last separator.
constexpr std::uint64_t list_frame_bytes = 1;

bool is_space(char c) {
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

}  // namespace

DocumentSplit::DocumentSplit(const meili::DocumentBatch& batch, const ShardAssignment& assignment,
                             Routing routing, TaskUid task, std::uint64_t part_bytes_max)
    : batch_(batch),
      assignment_(assignment),
      routing_(std::move(routing)),
      as_list_(batch.format() == meili::PayloadFormat::json),
      parts_(routing_.targets) {
    write_shard_stamps(task);
    plan_parts(part_bytes_max);
}

void DocumentSplit::write_shard_stamps(TaskUid task) {
    shard_stamps_.resize(assignment_.shards());
    for (const ShardId shard : assignment_.touched()) {
        std::string& stamp = shard_stamps_[shard];
        stamp += ",\"";
        stamp += meili::shard_field;
        stamp += "\":\"";
        meili::append_digits(stamp, shard, meili::shard_digits);
        stamp += "\",\"";
        stamp += meili::version_field;
        stamp += "\":\"";
        meili::append_digits(stamp, task, meili::version_digits - position_digits);
    }
}

std::string_view DocumentSplit::start_of(std::size_t document) const {
    const std::string_view text = batch_[document];
    return text.substr(0, text.size() - 1);
}

std::string_view DocumentSplit::shard_stamp(std::size_t document) const {
    std::string_view stamp = shard_stamps_[assignment_[document]];
    std::string_view before = start_of(document);
    while (is_space(before.back())) {
        before.remove_suffix(1);
    }
    const bool is_first_member = before == "{";
    stamp.remove_prefix(is_first_member ? 1 : 0);
    return stamp;
}

void DocumentSplit::plan_parts(std::uint64_t part_bytes_max) {
    for (std::size_t document = 0; document < batch_.size(); ++document) {
        const std::uint64_t bytes =
            start_of(document).size() + shard_stamp(document).size() + position_stamp_bytes;
        for (const std::uint32_t target : routing_.of_shard[assignment_[document]]) {
            auto& parts = parts_[target];
            if (parts.empty() || parts.back().bytes + bytes > part_bytes_max) {
                parts.push_back({document, document, 0, as_list_ ? list_frame_bytes : 0});
            }
            BodyPart& part = parts.back();
            part.last = document + 1;
            ++part.documents;
            part.bytes += bytes;
        }
    }
}

bool DocumentSplit::goes_to(std::size_t document, std::uint32_t target) const {
    const auto& targets = routing_.of_shard[assignment_[document]];
    return std::ranges::find(targets, target) != targets.end();
}

// Of each document of the part: its text without the closing brace, the stamp of its shard, and the rest, of
// which the last one ends the list.
class DocumentSplit::PartBody final : public http::BodySource {
public:
    PartBody(const DocumentSplit& split, std::uint32_t target, const BodyPart& part)
        : split_(split), target_(target), part_(part) {
        rewind();
    }

    std::uint64_t size() const override { return part_.bytes; }

    std::string_view next() override {
        switch (next_) {
            case Piece::bracket:
                next_ = Piece::document;
                return "[";
            case Piece::document:
                next_ = Piece::shard;
                return split_.start_of(document_);
            case Piece::shard:
                next_ = Piece::position;
                return split_.shard_stamp(document_);
            case Piece::position:
                write_position();
                go_on();
                return position_;
            case Piece::none:
                break;
        }
        return {};
    }

    void rewind() override {
        left_ = part_.documents;
        document_ = part_.first;
        next_ = split_.as_list_ ? Piece::bracket : Piece::document;
    }

private:
    enum class Piece { bracket, document, shard, position, none };

    void write_position() {
        position_.clear();
        meili::append_digits(position_, document_, position_digits);
        position_ += document_end;
        const char list_separator = left_ == 1 ? ']' : ',';
        position_ += split_.as_list_ ? list_separator : '\n';
    }

    void go_on() {
        next_ = --left_ == 0 ? Piece::none : Piece::document;
        while (left_ > 0 && !split_.goes_to(++document_, target_)) {
        }
    }

    const DocumentSplit& split_;
    const std::uint32_t target_;
    const BodyPart part_;
    std::size_t left_ = 0;
    std::size_t document_ = 0;
    Piece next_ = Piece::none;
    std::string position_;
};

std::unique_ptr<http::BodySource> DocumentSplit::body(std::uint32_t target, const BodyPart& part) const {
    return std::make_unique<PartBody>(*this, target, part);
}

std::string_view DocumentSplit::content_type() const {
    return as_list_ ? "application/json" : "application/x-ndjson";
}

std::vector<std::vector<std::string>> split_deletion(const meili::DocumentIds& ids,
                                                     const ShardAssignment& assignment,
                                                     const Routing& routing, std::uint64_t part_bytes_max) {
    std::vector<std::vector<std::string>> bodies(routing.targets);
    std::string printed;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        printed.clear();
        meili::append_json_string(printed, ids[i]);
        for (const std::uint32_t target : routing.of_shard[assignment[i]]) {
            auto& parts = bodies[target];
            // Besides the id, a comma or bracket before it and a bracket at the end.
            if (parts.empty() || parts.back().size() + printed.size() + 2 > part_bytes_max) {
                parts.emplace_back();
            }
            parts.back() += parts.back().empty() ? '[' : ',';
            parts.back() += printed;
        }
    }
    for (auto& parts : bodies) {
        for (std::string& body : parts) {
            body += ']';
        }
    }
    return bodies;
}

}  // namespace miroir::writes
