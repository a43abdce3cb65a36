"""Encoders and a decoder of transformers, of their published sizes."""

import torch
import transformers

import torch_file
from transformers_models import Cached, Positional

MINI = {"hidden_size": 384, "num_hidden_layers": 6, "num_attention_heads": 12, "intermediate_size": 1536}


def encoder(path, size, tokens):
    torch.manual_seed(0)
    config = transformers.BertConfig(**(MINI if size == "mini" else {}), attn_implementation="eager")
    # Kinds of tokens are left at their default: pnnx cannot know that their numbers are 0 and 1.
    inputs = {"input_ids": torch.randint(1000, 30000, (1, tokens)),
              "attention_mask": torch.ones(1, tokens, dtype=torch.int64)}
    module = Positional(transformers.BertModel(config, add_pooling_layer=False).eval(), list(inputs))
    torch_file.write(path, module, inputs, ["last_hidden_state"])


def gpt2(path, new, past):
    """`new` tokens behind `past` ones, whose keys and values go in; those of all come out."""
    torch.manual_seed(0)
    config = transformers.GPT2Config(attn_implementation="eager")
    module = transformers.GPT2LMHeadModel(config).eval()
    inputs = {"input_ids": torch.randint(1000, 30000, (1, new)),
              "attention_mask": torch.ones(1, past + new, dtype=torch.int64)}
    if past:
        size = (1, config.n_head, past, config.n_embd // config.n_head)
        for layer in range(config.n_layer):
            inputs |= {f"past_key_{layer}": torch.randn(size), f"past_value_{layer}": torch.randn(size)}
        module = Cached(module)
    else:
        module = Positional(module, list(inputs))
    torch_file.write(path, module, inputs)
