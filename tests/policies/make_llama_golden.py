"""Makes tests/data/llama_tiny: a tiny random checkpoint as transformers publishes one, and what transformers computes with it.

Run once by hand (pip install torch transformers); the test compares our decoder with the committed numbers.
    python tests/policies/make_llama_golden.py tests/data/llama_tiny
"""
import sys

import torch
import transformers
from safetensors.torch import save_file

folder = sys.argv[1]
torch.manual_seed(5)
config = transformers.LlamaConfig(
    vocab_size=96, hidden_size=32, intermediate_size=56, num_hidden_layers=3, num_attention_heads=4, num_key_value_heads=2, head_dim=8,
    max_position_embeddings=64, rms_norm_eps=1e-6, rope_theta=50000.0, tie_word_embeddings=False, initializer_range=0.2, bos_token_id=1, eos_token_id=2)
model = transformers.LlamaForCausalLM(config).eval()
with torch.no_grad():
    for name, weight in model.named_parameters():
        if "norm" in name:
            weight.add_(0.3 * torch.randn_like(weight))
model.to(torch.bfloat16).save_pretrained(folder)

model = transformers.LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()  # the rounded weights, exact arithmetic
tokens = torch.randint(3, 96, (2, 12))
lengths = torch.tensor([12, 7])
mask = (torch.arange(12)[None, :] < lengths[:, None]).long()
with torch.no_grad():
    out = model(input_ids=tokens, attention_mask=mask, output_hidden_states=True)
save_file({"tokens": tokens, "lengths": lengths, "logits": out.logits, **{f"hidden.{i}": h.contiguous() for i, h in enumerate(out.hidden_states)}},
          folder + "/expected.safetensors", metadata={"transformers": transformers.__version__, "torch": torch.__version__})
