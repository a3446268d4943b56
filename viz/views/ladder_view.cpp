// The ladder: a lifeline for each host, time running down, an arrow for each step.
#include <cmath>

#include "viz/theme/icons.hpp"
#include "viz/theme/motion.hpp"
#include "viz/views/views.hpp"

namespace mailscope::viz {
namespace {

using story::Mover;
using story::Step;

constexpr float kRow = 36;
constexpr float kHead = 62;         // height of the host boxes
constexpr float kTimeColumn = 116;  // times and the chain of causes
constexpr std::size_t kMaxLines = 7;
constexpr std::size_t kAhead = 2;  // rows shown of what comes next

/// A lifeline may stand for several hosts: the name servers share one when there are many.
struct Lifeline {
  std::vector<trace::HostId> hosts;
  std::string title, role;
  const char* icon = "";
  float x = 0;
  float width = 0;
};

class Ladder {
 public:
  Ladder(Canvas& canvas, const Scene& scene, Rect area)
      : canvas_(canvas), scene_(scene), p_(canvas.colours()), area_(area) {
    collect();
    place();
    choose_rows();
  }

  void draw() {
    draw_lines();
    draw_bars();
    draw_current();
    for (std::size_t i = first_; i < last_; ++i) draw_step(i);
    draw_causes();
    for (const Lifeline& line : lines_) draw_head(line);
  }

 private:
  void collect() {
    // Every host that the story uses, in the order of the world: clients, servers, names last.
    const auto& steps = scene_.lesson.story().steps;
    const auto used = [&](trace::HostId id) {
      return std::ranges::any_of(steps, [id](const Step& s) { return s.from == id || s.to == id; });
    };
    Lifeline names;
    std::vector<Lifeline> resolvers;
    for (const story::Host& host : scene_.world().hosts) {
      if (!used(host.id)) continue;
      if (host.is_name_server()) {
        names.hosts.push_back(host.id);
        continue;
      }
      Lifeline line;
      line.hosts = {host.id};
      line.title = scene_.world().name(host.id);
      if (line.title == "the resolver") line.title = "Resolver";
      line.role = host.is_resolver() ? "DNS" : host_role(host);
      line.role = line.role.substr(0, line.role.find(','));
      line.icon = host_icon(host);
      (host.is_resolver() ? resolvers : lines_).push_back(std::move(line));
    }
    // The resolver stands between the organisations, as on the map.
    const std::size_t middle = (lines_.size() + 1) / 2;
    if (!names.hosts.empty()) {
      names.title = "Name servers";
      names.role =
          std::to_string(names.hosts.size()) + (names.hosts.size() == 1 ? " host" : " hosts");
      names.icon = icon::kResolver;
      lines_.insert(lines_.begin() + static_cast<std::ptrdiff_t>(middle), std::move(names));
    }
    lines_.insert(lines_.begin() + static_cast<std::ptrdiff_t>(middle), resolvers.begin(),
                  resolvers.end());
    // Too many to read: keep those of the steps around this one.
    while (lines_.size() > kMaxLines) {
      const auto distance = [&](const Lifeline& line) {
        std::size_t best = steps.size();
        for (std::size_t i = 0; i < steps.size(); ++i) {
          if (stands_for(line, steps[i].from) || stands_for(line, steps[i].to)) {
            best = std::min(best, i > scene_.index ? i - scene_.index : scene_.index - i);
          }
        }
        return best;
      };
      const auto farthest = std::ranges::max_element(lines_, {}, distance);
      lines_.erase(farthest);
    }
  }

  static bool stands_for(const Lifeline& line, trace::HostId id) {
    return std::ranges::find(line.hosts, id) != line.hosts.end();
  }

  const Lifeline* line_of(trace::HostId id) const {
    const auto it =
        std::ranges::find_if(lines_, [id](const Lifeline& l) { return stands_for(l, id); });
    return it == lines_.end() || id == 0 ? nullptr : &*it;
  }

  void place() {
    const float left = area_.x + kTimeColumn, right = area_.right() - 18;
    const float pitch =
        (right - left) / static_cast<float>(std::max<std::size_t>(lines_.size(), 1));
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      lines_[i].x = left + (static_cast<float>(i) + 0.5f) * pitch;
      lines_[i].width = std::min(190.0f, pitch - 14);
    }
    top_ = area_.y + 20 + kHead;
    bottom_ = area_.bottom() - 12;
    if (scene_.question() != nullptr) bottom_ = std::min(bottom_, area_.bottom() - 160);
  }

  void choose_rows() {
    rows_ = static_cast<std::size_t>(std::max(1.0f, (bottom_ - top_ - 26) / kRow));
    const bool hidden = scene_.hidden_from() <= scene_.index + 1;
    const std::size_t ahead = hidden ? 0 : kAhead;
    last_ = std::min(scene_.lesson.steps(), scene_.index + 1 + ahead);
    first_ = last_ > rows_ ? last_ - rows_ : 0;
    // Early in the story the rows below are filled too, up to what may be told.
    if (!hidden)
      last_ = std::min(scene_.lesson.steps(),
                       std::max(last_, std::min(first_ + rows_, scene_.index + 1 + ahead)));
  }

  float y_of(std::size_t step) const {
    return top_ + 34 + static_cast<float>(step - first_) * kRow;
  }

  void draw_head(const Lifeline& line) {
    bool active = false;
    for (const trace::HostId host : line.hosts) active = active || scene_.is_active(host);
    const Colour edge = scene_.step().failure ? p_.failure : p_.accent;
    const Rect r{line.x - line.width / 2, area_.y + 20, line.width, kHead};
    if (active) canvas_.shadow(r, 10, edge.alpha(0.25f), 7);
    canvas_.fill(r, p_.raised, 10);
    canvas_.stroke(r, active ? edge : p_.zone_border, 10, active ? 2.2f : 1.2f);
    const bool roomy = r.w > 150;
    if (roomy)
      canvas_.icon(line.icon, {r.x + 26, r.centre().y}, active ? edge : p_.text_soft, Type::icon);
    const float x = r.x + (roomy ? 48.0f : 10.0f);
    canvas_.text(Type::strong, {x, r.centre().y - 11}, p_.text, line.title, Align::left,
                 r.right() - x - 8);
    canvas_.text(Type::note, {x, r.centre().y + 12}, p_.text_soft, line.role, Align::left,
                 r.right() - x - 8);
  }

  void draw_lines() {
    const float now = y_of(scene_.index) + 16;
    for (const Lifeline& line : lines_) {
      canvas_.line({line.x, top_}, {line.x, std::min(now, bottom_)}, p_.zone_border, 1.8f);
      if (now < bottom_)
        canvas_.dashes(Path::line({line.x, now}, {line.x, bottom_}), p_.zone_border, 1.6f, 5, 6);
    }
  }

  /// A bar on the lifelines for as long as a connection, or a question, is open.
  void draw_bars() {
    for (const Lifeline& line : lines_) {
      std::size_t from = last_, to = last_;
      for (std::size_t i = first_; i <= scene_.index; ++i) {
        const Step& step = scene_.lesson.step(i);
        const bool here = stands_for(line, step.from) || stands_for(line, step.to);
        if (!here) continue;
        if (from == last_ || i > to + 4) {
          bar(line, from, to);
          from = i;
        }
        to = i;
      }
      bar(line, from, to);
    }
  }

  void bar(const Lifeline& line, std::size_t from, std::size_t to) {
    if (from >= last_) return;
    const Step& step = scene_.lesson.step(from);
    const Colour c = step.lane == story::Lane::dns     ? p_.dns
                     : step.lane == story::Lane::store ? p_.store
                                                       : p_.accent;
    canvas_.fill({line.x - 5, y_of(from) - 4, 10, y_of(to) - y_of(from) + 14},
                 mix(p_.panel, c, 0.45f), 3);
  }

  void draw_current() {
    const float y = y_of(scene_.index);
    const Colour c = scene_.step().failure ? p_.failure : p_.accent;
    const Rect r{area_.x + 12, y - 21, area_.w - 24, kRow + 2};
    canvas_.fill(r, c.alpha(p_.name == ThemeName::light ? 0.10f : 0.20f), 7);
    canvas_.fill({r.x, r.y, 5, r.h}, c, 2);
  }

  void draw_step(std::size_t index) {
    const Step& step = scene_.lesson.step(index);
    const float y = y_of(index);
    if (y > bottom_) return;
    const bool current = index == scene_.index;
    const bool future = index > scene_.index;
    canvas_.text(Type::mono_note, {area_.x + 26, y + 4}, current ? p_.text : p_.text_faint,
                 seconds(step.time_ns), Align::left, 66);
    canvas_.hit({area_.x + 12, y - 18, area_.w - 24, kRow},
                {Action::What::step, static_cast<std::int64_t>(index)});
    Colour c = step_colour(p_, step);
    if (future) c = mix(p_.panel, c, 0.4f);
    const Colour ink = current ? p_.text : future ? p_.text_faint : p_.text_soft;
    const Lifeline* from = line_of(step.from);
    const Lifeline* to = line_of(step.to);
    if (from == nullptr) return;
    if (to == nullptr || to == from) {
      draw_event(step, *from, y, c, ink, current);
      return;
    }
    const float direction = to->x > from->x ? 1.0f : -1.0f;
    const Vec a{from->x + 8 * direction, y + 6}, b{to->x - 8 * direction, y + 6};
    const float travelled = current ? motion::travel(scene_.phase) : 1;
    draw_arrow(step, a, lerp(a, b, std::max(0.05f, travelled)), c, current);
    draw_label(step, std::min(a.x, b.x), std::abs(b.x - a.x), y - 7, c, ink, current);
  }

  void draw_arrow(const Step& step, Vec a, Vec b, Colour c, bool current) {
    const float width = current ? 3.4f : 2.2f;
    const Path path = Path::line(a, b);
    const Vec d = path.direction(0.5f);
    canvas_.circle(a, current ? 5.0f : 3.6f, c);
    const Vec tip = b, stop = b - d * 10;
    if (step.mover == Mover::diamond) {
      canvas_.dashes(Path::line(a, stop), c, width, 0, 6);
    } else if (step.mover == Mover::ring) {
      canvas_.dashes(Path::line(a, stop), c, width, 8, 5);
    } else if (step.mover == Mover::handshake && step.lane == story::Lane::tls) {
      canvas_.line({a.x, a.y - 2.5f}, {stop.x, stop.y - 2.5f}, c, 1.5f);
      canvas_.line({a.x, a.y + 2.5f}, {stop.x, stop.y + 2.5f}, c, 1.5f);
    } else {
      canvas_.line(a, stop, c, width);
    }
    canvas_.arrow_head(tip, d, c, current ? 15 : 12);
  }

  void draw_label(const Step& step, float x, float w, float y, Colour c, Colour ink, bool current) {
    const bool wire = step.mover == Mover::pill || step.mover == Mover::diamond;
    const Type type = current ? (wire ? Type::mono_strong : Type::strong_label)
                      : wire  ? Type::mono_note
                              : Type::note;
    const float lead = step.failure ? 26 : 0;
    const std::string more = step.folded > 0 ? "+" + std::to_string(step.folded) : "";
    const float extra = more.empty() ? 0 : canvas_.width(Type::strong_label, more) + 22;
    // A long line may pass over neighbouring lifelines, but not leave the picture.
    const float room = std::max(w - 24, std::min(420.0f, area_.w * 0.4f)) - lead - extra;
    const std::string text = canvas_.fitted(type, step.label, room);
    const float tw = canvas_.width(type, text);
    const float left_edge = area_.x + kTimeColumn;
    const float cx = std::clamp(x + w / 2, left_edge + (tw + lead + extra) / 2,
                                area_.right() - 20 - (tw + lead + extra) / 2);
    const float start = cx - (tw + lead + extra) / 2;
    const Colour ground = current ? mix(p_.panel, scene_.step().failure ? p_.failure : p_.accent,
                                        p_.name == ThemeName::light ? 0.10f : 0.20f)
                                  : p_.panel;
    canvas_.fill({start - 4, y - 9, tw + lead + extra + 8, 18}, ground, 3);
    if (step.failure) draw_cross(canvas_, {start + 11, y}, 10, c, p_.panel);
    canvas_.text(type, {start + lead, y}, ink, text);
    if (!more.empty()) {
      draw_pill(canvas_, {start + lead + tw + extra / 2 + 2, y}, more, Type::strong_label,
                p_.sunken, p_.text_soft, 19);
    }
  }

  /// What happens inside a host stands on its lifeline.
  void draw_event(const Step& step, const Lifeline& line, float y, Colour c, Colour ink,
                  bool current) {
    const Type type = current ? Type::strong_label : Type::note;
    const bool left_side = line.x > area_.x + area_.w * 0.62f;
    const Vec at{line.x, y + 2};
    canvas_.circle(at, 9, p_.panel);
    if (step.failure) {
      draw_cross(canvas_, at, 9, c, p_.panel);
    } else if (step.mover == Mover::triangle) {
      draw_triangle(canvas_, at, 7, c);
    } else if (step.mover == Mover::ring) {
      canvas_.ring(at, 6, c, 2.6f);
    } else if (step.mover == Mover::person) {
      canvas_.icon(icon::kPerson, at, c);
    } else if (step.mover == Mover::diamond || step.lane == story::Lane::dns) {
      draw_diamond(canvas_, at, 7, c);
    } else {
      canvas_.circle(at, 5, c);
    }
    const std::string text = canvas_.fitted(type, step.label, 300);
    const float tw = canvas_.width(type, text);
    const float x = left_side ? line.x - 16 - tw : line.x + 16;
    if (!current) canvas_.fill({x - 4, at.y - 10, tw + 8, 20}, p_.panel, 3);
    canvas_.text(type, {x, at.y}, ink, text);
  }

  void draw_causes() {
    if (scene_.causes.empty()) return;
    const float x = area_.x + 102;
    float previous = 0;
    for (const std::size_t index : scene_.causes) {
      if (index < first_ || index >= last_) continue;
      const float y = y_of(index) + 4;
      if (previous > 0) canvas_.line({x, previous + 6}, {x, y - 6}, p_.failure, 2);
      if (index == scene_.index) {
        canvas_.circle(x == 0 ? Vec{} : Vec{x, y}, 7, p_.failure);
      } else {
        canvas_.ring({x, y}, 5, p_.failure, 2.2f);
      }
      previous = y;
    }
  }

  Canvas& canvas_;
  const Scene& scene_;
  const Palette& p_;
  Rect area_;
  std::vector<Lifeline> lines_;
  float top_ = 0, bottom_ = 0;
  std::size_t rows_ = 1, first_ = 0, last_ = 0;
};

}  // namespace

void draw_ladder(Canvas& canvas, const Scene& scene, Rect area) {
  Ladder(canvas, scene, area).draw();
}

void draw_question(Canvas& canvas, const Scene& scene, Rect area) {
  const Palette& p = canvas.colours();
  const Question* question = scene.question();
  if (question == nullptr) return;
  const auto given = scene.given_answer();
  const float width = std::min(area.w - 60, 1080.0f);
  const Rect r{area.centre().x - width / 2, area.bottom() - 142, width, 126};
  canvas.shadow(r, 14, p.shadow, 14, 4);
  canvas.fill(r, mix(p.panel, p.accent, p.name == ThemeName::light ? 0.05f : 0.16f), 14);
  canvas.stroke(r, p.accent, 14, 1.6f);
  canvas.circle({r.x + 40, r.y + 36}, 19, p.accent);
  canvas.icon(icon::kHelp, {r.x + 40, r.y + 36}, p.on_accent, Type::icon);
  std::string hint = "A\u2013D answer";
  if (given) hint = question->because;
  const float hint_w = std::min(canvas.width(Type::note, hint), r.w * 0.5f);
  canvas.text(Type::note, {r.right() - 22, r.y + 36}, p.text_soft, hint, Align::right, hint_w + 1);
  canvas.text(Type::title, {r.x + 72, r.y + 36}, p.text, question->text, Align::left,
              r.w - 72 - hint_w - 40);
  const auto count = static_cast<float>(std::max<std::size_t>(question->answers.size(), 1));
  const float gap = 12, w = (r.w - 44 - gap * (count - 1)) / count;
  for (std::size_t i = 0; i < question->answers.size(); ++i) {
    const Rect b{r.x + 22 + static_cast<float>(i) * (w + gap), r.y + 68, w, 44};
    const bool chosen = given && *given == i;
    const bool right = given && question->correct == i;
    canvas.fill(b, chosen || right ? mix(p.panel, right ? p.store : p.failure, 0.2f) : p.sunken, 8);
    if (chosen || right) canvas.stroke(b, right ? p.store : p.failure, 8, 1.8f);
    const Rect key{b.x + 12, b.y + 10, 24, 24};
    canvas.fill(key, p.panel, 5);
    canvas.text(Type::strong_label, key.centre(), p.text,
                std::string(1, static_cast<char>('A' + i)), Align::centre);
    canvas.text(Type::body, {b.x + 48, b.centre().y}, p.text, question->answers[i], Align::left,
                b.w - 58);
    canvas.hit(b, {Action::What::answer, static_cast<std::int64_t>(i)});
  }
}

}  // namespace mailscope::viz
