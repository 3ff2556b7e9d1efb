#include "trainer/rollout.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <future>

#include "core/error.h"
#include "envs/observation.h"
#include "envs/task.h"
#include "policies/compute.h"
#include "trainer/tensors.h"

namespace genba::trainer {

namespace {

constexpr int kBlock = 32;  // worlds whose actions are computed together, by one thread

std::size_t At(const Rollout& rollout, int step, int world) {
  return static_cast<std::size_t>(step) * static_cast<std::size_t>(rollout.num_worlds) +
         static_cast<std::size_t>(world);
}

// From row `first` on.
void KeepRows(const at::Tensor& rows, std::size_t first, std::vector<float>& to) {
  const std::int64_t each = rows.numel() / rows.size(0);
  std::copy_n(rows.const_data_ptr<float>(), rows.numel(), to.begin() + static_cast<std::int64_t>(first) * each);
}

Rollout Sized(int num_steps, int num_worlds, const EnvSpec& spec, const CriticView& view) {
  const auto rows = static_cast<std::size_t>(num_steps) * static_cast<std::size_t>(num_worlds);
  const auto obs = static_cast<std::size_t>(spec.obs_dim()), action = static_cast<std::size_t>(spec.action_dim()),
             critic = static_cast<std::size_t>(view.dim());
  Rollout rollout;
  rollout.num_steps = num_steps;
  rollout.num_worlds = num_worlds;
  rollout.obs.resize(rows * obs);
  rollout.critic.resize((rows + static_cast<std::size_t>(num_worlds)) * critic);
  for (std::vector<float>* of_action : {&rollout.action, &rollout.mean}) of_action->resize(rows * action);
  for (std::vector<float>* scalar : {&rollout.log_probability, &rollout.reward}) scalar->resize(rows);
  for (std::vector<std::uint8_t>* flag : {&rollout.terminated, &rollout.truncated}) flag->resize(rows);
  rollout.text.resize(rows);
  return rollout;
}

}  // namespace

Worlds::Worlds(const envs::VecEnvConfig& config, double repeated, const CriticView& view)
    : env_(config),
      view_(view),
      batch_(env_.spec(), env_.num_worlds()),
      worlds_(static_cast<std::size_t>(env_.num_worlds())),
      failed_(repeated, config.seed, config.first_episode),
      plans_(env_.num_worlds(), env_.spec().action_dim()) {
  commands_.Fit(env_.num_worlds(), env_.spec().action_dim());
  env_.Reset(batch_);
}

void Worlds::Begin(int world, ToldTexts& texts) {
  World& state = worlds_[static_cast<std::size_t>(world)];
  state.wanted = envs::WantedSlots(env_.plan(world), env_.cell(world));
  state.text = texts.IdOf(env_.plan(world).text);
  told_anew_ = true;
}

int Worlds::num_blocks() const { return (env_.num_worlds() + kBlock - 1) / kBlock; }

void Worlds::Tell(const ToldTexts& texts) {
  if (!told_anew_) return;
  told_.clear();
  for (int block = 0; block < num_blocks(); ++block) {
    std::vector<int> ids;
    for (int world = block * kBlock; world < std::min(env_.num_worlds(), (block + 1) * kBlock); ++world)
      ids.push_back(worlds_[static_cast<std::size_t>(world)].text);
    told_.push_back(texts.Rows(ids));
  }
  told_anew_ = false;
}

// Blocks are shared out to threads, each of which works on its own alone: how many there are changes nothing. (Those of
// the matrix library are woken for longer than they would help.)
void Worlds::ForEachBlock(int threads, const std::function<void(const Block&)>& work) const {
  threads = std::min(threads, num_blocks());
  const auto share = [&](int first) {
    const at::NoGradGuard no_gradients;
    const policies::MatrixThreads one(policies::kActingThreads);
    for (int block = first; block < num_blocks(); block += threads)
      work({block, block * kBlock, std::min(env_.num_worlds(), (block + 1) * kBlock)});
  };
  std::vector<std::future<void>> others;
  for (int thread = 1; thread < threads; ++thread) others.push_back(std::async(std::launch::async, share, thread));
  share(0);
  for (std::future<void>& other : others) other.get();
}

// Of as many episodes as there are worlds, from the first that nobody has begun.
std::vector<std::string> Worlds::TextsToCome() const {
  std::uint64_t next = 0;
  for (int world = 0; world < env_.num_worlds(); ++world) next = std::max(next, env_.plan(world).episode + 1);
  const std::unique_ptr<envs::Task> task = envs::MakeTask(env_.config().task);
  std::vector<std::string> texts;
  for (int i = 0; i < env_.num_worlds(); ++i, ++next)
    texts.push_back(
        envs::DrawScene(task->verb(), task->limits(), env_.config().seed, next, env_.config().options).plan.text);
  return texts;
}

void Worlds::WriteCritic(int world, std::span<float> row) const {
  std::vector<double> physics(static_cast<std::size_t>(env_.physics_size()));
  env_.PhysicsState(world, physics);
  view_.Write({batch_.obs_view().row(world), worlds_[static_cast<std::size_t>(world)].wanted, physics}, row);
}

Rollout Worlds::Play(int num_steps, const Player& player, ToldTexts& texts, EpisodeSums& sums) {
  const int n = env_.num_worlds();
  Rollout rollout = Sized(num_steps, n, env_.spec(), view_);
  rollout.log_deviation = player.log_deviation;
  if (player.network.corrects()) {
    rollout.planned.resize(rollout.mean.size());
    rollout.context.resize(rollout.reward.size() * static_cast<std::size_t>(player.network.encoder().context_dim()));
  }
  std::vector<int> told;
  for (const World& world : worlds_) {
    if (world.text >= 0) told.push_back(world.text);
  }
  texts.Keep(told);
  player.phases.Of("texts", [&] { texts.Prepare(TextsToCome(), player.threads); });
  for (int world = 0; world < n; ++world) Begin(world, texts);
  sums.terms.resize(static_cast<std::size_t>(env_.spec().num_reward_terms()));
  sums.causes.resize(env_.spec().terminations.size());
  const auto critic = static_cast<std::size_t>(view_.dim());
  for (int step = 0; step <= num_steps; ++step) {
    const bool acts = step < num_steps;
    if (acts) Tell(texts);
    const auto look_and_draw = [&](const Block& block) {
      const Span span(player.phases.trace(), "block");  // in the thread that computes it
      for (int world = block.first; world < block.last; ++world)
        WriteCritic(world, std::span(rollout.critic).subspan(At(rollout, step, world) * critic, critic));
      if (acts) Draw(player, step, block, rollout);
    };
    player.phases.Of("inference", [&] { ForEachBlock(player.threads, look_and_draw); });
    if (!acts) break;
    player.phases.Of("physics", [&] { env_.Step(commands_, batch_); });
    const Phases::Scope in = player.phases.In("bookkeeping");
    Take(step, player, rollout, sums);
    for (int world = 0; world < n; ++world) {
      if (batch_.done(world)) Begin(world, texts);
    }
  }
  return rollout;
}

// Where the policy corrects its plans, what it would be is kept with what it corrects.
at::Tensor Worlds::MeansOf(const Player& player, int step, const Block& block, const at::Tensor& obs,
                           Rollout& rollout) {
  const policies::EncodedText& text = told_[static_cast<std::size_t>(block.index)];
  if (!player.network.corrects()) return player.network.Plan(player.weights, obs, text, {}).select(1, 0).contiguous();
  const at::Tensor context = player.network.Context(player.weights, obs, text).contiguous();
  const at::Tensor planned = plans_.Next({player.network, player.weights, player.execute}, block.first, context,
                                         [&](int world) { return RngOf(world, "plan"); });
  KeepRows(planned, At(rollout, step, block.first), rollout.planned);
  KeepRows(context, At(rollout, step, block.first), rollout.context);
  return player.network.Correct(player.weights, context, planned).contiguous();
}

// For a purpose, at its step of its episode, at this attempt at it.
Rng Worlds::RngOf(int world, const std::string& purpose) const {
  const std::string attempt = std::to_string(worlds_[static_cast<std::size_t>(world)].attempt);
  return {env_.plan(world).seed, env_.plan(world).episode,
          purpose + " " + std::to_string(env_.step_in_episode(world)) + " of attempt " + attempt};
}

// What the policy would do, and what is tried instead. Every instruction here is an order that can be carried out: whether
// a sentence is one was learned from sentences, and no step is lost on doubts.
void Worlds::Draw(const Player& player, int step, const Block& block, Rollout& rollout) {
  const std::int64_t rows = block.last - block.first, obs_dim = env_.spec().obs_dim(), width = env_.spec().action_dim();
  const at::Tensor obs = at::empty({rows, obs_dim}, at::kFloat);
  std::copy_n(batch_.obs.begin() + block.first * obs_dim, obs.numel(), obs.mutable_data_ptr<float>());
  const at::Tensor mean = MeansOf(player, step, block, obs, rollout);
  const at::Tensor action = mean.clone(), deviation = player.log_deviation.exp().contiguous();
  for (int world = block.first; world < block.last; ++world) {
    Rng rng = RngOf(world, "ppo");
    float* row = action.mutable_data_ptr<float>() + (world - block.first) * width;
    for (int i = 0; i < width; ++i) row[i] += deviation.const_data_ptr<float>()[i] * static_cast<float>(rng.Normal());
    rollout.text[At(rollout, step, world)] = worlds_[static_cast<std::size_t>(world)].text;
  }
  const at::Tensor log_probability = LogProbability({mean, player.log_deviation}, action).contiguous();
  const std::size_t first = At(rollout, step, block.first);
  KeepRows(obs, first, rollout.obs);
  KeepRows(mean, first, rollout.mean);
  KeepRows(action, first, rollout.action);
  KeepRows(log_probability, first, rollout.log_probability);
  std::transform(action.const_data_ptr<float>(), action.const_data_ptr<float>() + action.numel(),
                 commands_.actions.begin() + block.first * width, [](float a) { return std::clamp(a, -1.0f, 1.0f); });
}

// What came of it.
void Worlds::Take(int step, const Player& player, Rollout& rollout, EpisodeSums& sums) {
  const std::size_t critic = static_cast<std::size_t>(view_.dim()), num_terms = sums.terms.size();
  for (int world = 0; world < env_.num_worlds(); ++world) {
    const std::size_t w = static_cast<std::size_t>(world), i = At(rollout, step, world);
    World& state = worlds_[w];
    rollout.reward[i] = batch_.reward[w];
    rollout.terminated[i] = batch_.terminated[w];
    rollout.truncated[i] = batch_.truncated[w];
    state.reward += static_cast<double>(batch_.reward[w]);
    ++state.steps;
    state.terms.resize(num_terms);
    for (std::size_t term = 0; term < num_terms; ++term)
      state.terms[term] += static_cast<double>(batch_.reward_terms[w * num_terms + term]);
    if (!batch_.done(world)) continue;

    std::vector<double> physics(static_cast<std::size_t>(env_.physics_size()));
    env_.EndedPhysicsState(world, physics);
    const auto obs_dim = static_cast<std::size_t>(env_.spec().obs_dim());
    const std::span final_obs(batch_.final_obs.data() + w * obs_dim, obs_dim);
    rollout.final_critic.resize(rollout.final_critic.size() + critic);
    view_.Write({final_obs, state.wanted, physics}, std::span(rollout.final_critic).last(critic));
    rollout.final_of.push_back(static_cast<int>(i));
    if (batch_.success[w] != 0) {
      rollout.reward[i] += static_cast<float>(player.success_bonus);
    } else if (batch_.terminated[w] != 0) {
      rollout.reward[i] -= static_cast<float>(player.failure_cost);
    }
    Count(world, sums);
    GoOn(world);
  }
}

void Worlds::Count(int world, EpisodeSums& sums) const {
  const auto w = static_cast<std::size_t>(world);
  const World& state = worlds_[w];
  if (state.attempt > 0) {
    ++sums.again;
    return;
  }
  ++sums.episodes;
  sums.successes += batch_.success[w];
  sums.reward += state.reward;
  sums.steps += state.steps;
  for (std::size_t term = 0; term < sums.terms.size(); ++term) sums.terms[term] += state.terms[term];
  ++sums.causes[batch_.cause[w]];
}

// From the episode that ended to the one that has begun; what comes behind that one is decided now.
void Worlds::GoOn(int world) {
  World& state = worlds_[static_cast<std::size_t>(world)];
  failed_.Ended({env_.ended_plan(world).episode, state.attempt}, batch_.success[static_cast<std::size_t>(world)] != 0);
  const std::optional<Attempt> next = failed_.Next();
  if (next) env_.PlayNext(world, next->episode);
  const int begun = state.next_attempt;
  plans_.Forget(world);
  state = World{};
  state.attempt = begun;
  state.next_attempt = next ? next->number : 0;
}

void Worlds::Save(int first, policies::TensorFile& file) const {
  for (std::size_t world = 0; world < worlds_.size(); ++world) {
    const std::string number = std::to_string(first + static_cast<int>(world));
    const std::string bytes = env_.SaveWorld(static_cast<int>(world));
    file.tensors["worlds." + number] = {policies::TensorType::kU8, {static_cast<std::int64_t>(bytes.size())}, bytes};
    const World& state = worlds_[world];
    std::vector<double> sums = state.terms;
    sums.resize(static_cast<std::size_t>(env_.spec().num_reward_terms()));
    sums.insert(sums.end(), {state.reward, state.steps, static_cast<double>(state.attempt),
                             static_cast<double>(state.next_attempt)});
    file.tensors["sums." + number] = ToTensorData(sums);
    const std::vector<double> plan = plans_.Save(static_cast<int>(world));
    if (!plan.empty()) file.tensors["plan." + number] = ToTensorData(plan);
  }
  file.tensors["failed." + std::to_string(first)] = ToTensorData(failed_.Save());
}

void Worlds::Restore(const policies::TensorFile& file, const std::string& name, int first) {
  for (std::size_t world = 0; world < worlds_.size(); ++world) {
    const std::string number = std::to_string(first + static_cast<int>(world));
    const auto bytes = file.tensors.find("worlds." + number);
    std::vector<double> sums = DoublesOf(file, "sums." + number);
    const std::size_t num_terms = static_cast<std::size_t>(env_.spec().num_reward_terms());
    if (bytes == file.tensors.end() || sums.size() != num_terms + 4 || !IsCount(sums[num_terms + 2], kMostAttempts) ||
        !IsCount(sums[num_terms + 3], kMostAttempts))
      throw BadInput({name, "worlds." + number, "a saved world and its sums", "nothing"});
    if (!plans_.Restore(static_cast<int>(world), DoublesOf(file, "plan." + number)))
      throw BadInput({name, "plan." + number, "actions in -1 … 1", "others"});
    env_.RestoreWorld(static_cast<int>(world), bytes->second.bytes, batch_);
    World& state = worlds_[world];
    state.reward = sums[num_terms];
    state.steps = sums[num_terms + 1];
    state.attempt = static_cast<int>(sums[num_terms + 2]);
    state.next_attempt = static_cast<int>(sums[num_terms + 3]);
    sums.resize(num_terms);
    state.terms = std::move(sums);
  }
  const std::string failed = "failed." + std::to_string(first);
  if (!failed_.Restore(DoublesOf(file, failed))) throw BadInput({name, failed, "episodes to play again", "nothing"});
}

}  // namespace genba::trainer
