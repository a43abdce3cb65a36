"""Architectures of transformers, each as its code defines it, a few layers deep and narrow."""

import torch
import transformers
from transformers import DynamicCache

from case import Case, Model
from torch_export import Positional

WORDS = 200
NOTE = "2 layers, 64 wide"
TEXT = {
    "vocab_size": WORDS,
    "hidden_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 128,
    "max_position_embeddings": 64,
    "initializer_range": 0.1,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
GROUPED = TEXT | {"num_key_value_heads": 2, "head_dim": 16}
VISION = {
    "hidden_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 128,
    "image_size": 64,
    "patch_size": 16,
    "initializer_range": 0.1,
}


def generator(seed):
    return torch.Generator().manual_seed(seed + 1000)


def words(seed, count, length, most=WORDS):
    return torch.randint(3, most, (count, length), generator=generator(seed))


def mask(count, length, left=False):
    """Each row one token shorter than the one before it."""
    kept = torch.arange(length)[None] < length - torch.arange(count)[:, None]
    return (kept.flip(1) if left else kept).long()


def noise(seed, *shape):
    return torch.randn(shape, generator=generator(seed))


def build(kind, head, options, exporter, **more):
    """The model of class `transformers.{head}` for the configuration of the type `kind`."""
    torch.manual_seed(0)
    config = transformers.AutoConfig.for_model(kind, **options, **more)
    # PyTorch's TorchScript exporter knows no fused attention with masks made at run time.
    config._attn_implementation = "eager" if exporter == "TorchScript" else "sdpa"
    # Neither exporter knows the grouped product of experts.
    config._experts_implementation = "batched_mm"
    kind_of = getattr(transformers, head)
    try:
        return (kind_of.from_config if head.startswith("Auto") else kind_of)(config).eval()
    except ValueError as error:
        if "scaled_dot_product_attention" not in str(error):
            raise
        config._attn_implementation = "eager"
        return (kind_of.from_config if head.startswith("Auto") else kind_of)(config).eval()


def text(kind, head="AutoModel", options=TEXT, left=False, fixed=None, lengths=(9, 14), **more):
    def make(exporter):
        module = build(kind, head, options, exporter, **more)

        def inputs(seed, size):
            count, length = 3 if size else 2, lengths[size]
            return {"input_ids": words(seed, count, length), "attention_mask": mask(count, length, left)}

        names = ["input_ids", "attention_mask"]
        axes = {0: "batch", 1: "length"}
        return Case(Positional(module, names, fixed), inputs, {name: axes for name in names})

    return make


def causal(kind, options=GROUPED, **more):
    return text(kind, "AutoModelForCausalLM", options, left=True, fixed={"use_cache": False}, **more)


class Cached(torch.nn.Module):
    """A decoder that continues: keys and values of the tokens before as inputs, those of all as outputs."""

    takes_list = True

    def __init__(self, module):
        super().__init__()
        self.module = module

    def forward(self, *values):
        input_ids, attention_mask, *past = values
        cache = DynamicCache(list(zip(past[::2], past[1::2])))
        out = self.module(input_ids=input_ids, attention_mask=attention_mask, past_key_values=cache, use_cache=True)
        return (out.logits, *(part for layer in cache.layers for part in (layer.keys, layer.values)))


def cached(kind, options=GROUPED, heads=2, width=16, layers=2, **more):
    def make(exporter):
        module = Cached(build(kind, "AutoModelForCausalLM", options, exporter, **more))

        def inputs(seed, size):
            count, past, new = (3, 7, 2) if size else (2, 5, 3)
            parts = {"input_ids": words(seed, count, new), "attention_mask": mask(count, past + new, left=True)}
            for layer in range(layers):
                parts[f"past_key_{layer}"] = noise(seed + 7 + layer, count, heads, past, width)
                parts[f"past_value_{layer}"] = noise(seed + 50 + layer, count, heads, past, width)
            return parts

        dynamic = {"input_ids": {0: "batch", 1: "new"}, "attention_mask": {0: "batch", 1: "all"}}
        for layer in range(layers):
            dynamic[f"past_key_{layer}"] = dynamic[f"past_value_{layer}"] = {0: "batch", 2: "past"}
        return Case(module, inputs, dynamic)

    return make


def pair(kind, options, head="AutoModelForSeq2SeqLM", **more):
    """Encoder and decoder at once, without a cache."""

    def make(exporter):
        module = build(kind, head, options, exporter, **more)
        names = ["input_ids", "attention_mask", "decoder_input_ids"]

        def inputs(seed, size):
            count, length = (3, 12) if size else (2, 9)
            return {
                "input_ids": words(seed, count, length),
                "attention_mask": mask(count, length),
                "decoder_input_ids": words(seed + 1, count, length - 5),
            }

        axes = {0: "batch", 1: "length"}
        dynamic = {"input_ids": axes, "attention_mask": axes, "decoder_input_ids": {0: "batch", 1: "written"}}
        return Case(Positional(module, names, {"use_cache": False}), inputs, dynamic)

    return make


def picture(kind, head="AutoModel", options=VISION, side=64, sides=None, **more):
    def make(exporter):
        module = build(kind, head, options, exporter, **more)

        def inputs(seed, size):
            height, width = sides if sides and size else (side, side)
            return {"pixel_values": noise(seed, 3 if size else 2, 3, height, width)}

        axes = {0: "batch"} | ({2: "height", 3: "width"} if sides else {})
        return Case(Positional(module, ["pixel_values"]), inputs, {"pixel_values": axes})

    return make


def sound(kind, options, name="input_values", shape=(1600,), head="AutoModel", dynamic=True, **more):
    """Samples, or spectra for the models that take those."""

    def make(exporter):
        module = build(kind, head, options, exporter, **more)

        def inputs(seed, size):
            longer = (*shape[:-1], shape[-1] + 480) if dynamic and size else shape
            return {name: noise(seed, 3 if size else 2, *longer)}

        axes = {0: "batch"} | ({len(shape): "length"} if dynamic else {})
        return Case(Positional(module, [name]), inputs, {name: axes})

    return make


def mixed(kind, head, options, parts, dynamic, fixed=None):
    """A model of several kinds of input: `parts(seed, size)` gives them."""

    def make(exporter):
        module = build(kind, head, options, exporter)
        return Case(Positional(module, list(parts(0, 0)), fixed), parts, dynamic)

    return make


def words_and_picture(side=64, more=None):
    def parts(seed, size):
        count, length = (3, 10) if size else (2, 7)
        made = {
            "input_ids": words(seed, count, length),
            "pixel_values": noise(seed, count, 3, side, side),
            "attention_mask": mask(count, length),
        }
        return made | (more(seed, count, length) if more else {})

    return parts


def boxes(seed, count, length):
    corners = torch.randint(0, 400, (count, length, 2), generator=generator(seed))
    return torch.cat([corners, corners + torch.randint(1, 400, (count, length, 2), generator=generator(seed + 1))], 2)


WORDS_AND_PICTURE = {
    "input_ids": {0: "batch", 1: "length"},
    "pixel_values": {0: "batch"},
    "attention_mask": {0: "batch", 1: "length"},
}
TOWERS = {
    "text_config": TEXT | {"max_position_embeddings": 32, "projection_dim": 32, "eos_token_id": 199},
    "vision_config": VISION | {"projection_dim": 32},
    "projection_dim": 32,
}

GPT2 = {"vocab_size": WORDS, "n_embd": 64, "n_layer": 2, "n_head": 4, "n_positions": 64, "initializer_range": 0.1}
T5 = {"vocab_size": WORDS, "d_model": 64, "d_kv": 16, "d_ff": 128, "num_layers": 2, "num_heads": 4}
BART = {
    "vocab_size": WORDS,
    "d_model": 64,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "encoder_attention_heads": 4,
    "decoder_attention_heads": 4,
    "encoder_ffn_dim": 128,
    "decoder_ffn_dim": 128,
    "max_position_embeddings": 64,
    "init_std": 0.1,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "decoder_start_token_id": 2,
    "forced_eos_token_id": None,
}
WAV = TEXT | {
    "conv_dim": (32, 32, 32),
    "conv_stride": (5, 4, 2),
    "conv_kernel": (10, 8, 4),
    "num_conv_pos_embeddings": 16,
    "num_conv_pos_embedding_groups": 4,
}
WHISPER = BART | {"num_mel_bins": 20, "max_source_positions": 50, "max_target_positions": 32}
STAGES = {"depths": [1, 1, 1, 1], "hidden_sizes": [16, 32, 48, 64], "initializer_range": 0.1}
SWIN = {"image_size": 64, "patch_size": 4, "embed_dim": 16, "depths": [2, 2], "num_heads": [2, 4], "window_size": 4,
        "initializer_range": 0.1}

ENCODERS = {
    "albert": text("albert", options=TEXT | {"embedding_size": 32}),
    "bert": text("bert"),
    "big_bird": text("big_bird", attention_type="original_full"),
    "convbert": text("convbert", embedding_size=64, conv_kernel_size=3),
    "deberta-v2": text("deberta-v2", relative_attention=True, pos_att_type=["p2c", "c2p"], position_buckets=8),
    "distilbert": text("distilbert", options={"vocab_size": WORDS, "dim": 64, "n_layers": 2, "n_heads": 4,
                                              "hidden_dim": 128, "initializer_range": 0.1}),
    "electra": text("electra", embedding_size=32),
    "fnet": text("fnet"),
    "ibert": text("ibert"),
    "layoutlm": mixed("layoutlm", "AutoModel", TEXT,
                      lambda seed, size: {"input_ids": words(seed, 2 + size, 7 + 3 * size),
                                          "bbox": boxes(seed, 2 + size, 7 + 3 * size)},
                      {"input_ids": {0: "batch", 1: "length"}, "bbox": {0: "batch", 1: "length"}}),
    "mobilebert": text("mobilebert", embedding_size=32, intra_bottleneck_size=32, true_hidden_size=32),
    "modernbert": text("modernbert", global_attn_every_n_layers=2, local_attention=8),
    "mpnet": text("mpnet"),
    "rembert": text("rembert", input_embedding_size=32, output_embedding_size=48),
    "roberta": text("roberta", "AutoModelForSequenceClassification", TEXT | {"pad_token_id": 1}),
    "roformer": text("roformer", embedding_size=64),
    "squeezebert": text("squeezebert", embedding_size=64),
    "xlnet": text("xlnet", options={"vocab_size": WORDS, "d_model": 64, "n_layer": 2, "n_head": 4, "d_inner": 128,
                                    "initializer_range": 0.1}, fixed={"use_mems": False}),
}
DECODERS = {
    "bloom": causal("bloom", {"vocab_size": WORDS, "hidden_size": 64, "n_layer": 2, "n_head": 4,
                              "initializer_range": 0.1}),
    "codegen": causal("codegen", GPT2 | {"rotary_dim": 8}),
    "cohere": causal("cohere"),
    "deepseek_v3": causal("deepseek_v3", TEXT | {"q_lora_rank": 24, "kv_lora_rank": 16, "qk_rope_head_dim": 8,
                                                 "qk_nope_head_dim": 8, "v_head_dim": 16, "n_routed_experts": 8,
                                                 "num_experts_per_tok": 2, "moe_intermediate_size": 32,
                                                 "first_k_dense_replace": 1, "n_group": 2, "topk_group": 1,
                                                 "num_key_value_heads": 4}),
    "falcon": causal("falcon", TEXT | {"multi_query": True, "parallel_attn": True}),
    "gemma2": causal("gemma2", GROUPED | {"sliding_window": 8, "query_pre_attn_scalar": 16}),
    "gemma3_text": causal("gemma3_text", GROUPED | {"sliding_window": 8, "query_pre_attn_scalar": 16}),
    "gpt2": causal("gpt2", GPT2),
    "gpt_bigcode": causal("gpt_bigcode", GPT2),
    "gpt_neo": causal("gpt_neo", TEXT | {"num_layers": 2, "attention_types": [[["global", "local"], 1]],
                                         "window_size": 4}),
    "gpt_neox": causal("gpt_neox", TEXT),
    "gpt_oss": causal("gpt_oss", GROUPED | {"num_local_experts": 4, "num_experts_per_tok": 2, "sliding_window": 8}),
    "gptj": causal("gptj", GPT2 | {"rotary_dim": 8}),
    "granite": causal("granite"),
    "lfm2": causal("lfm2", GROUPED | {"layer_types": ["conv", "full_attention"], "conv_L_cache": 3}),
    "llama": causal("llama"),
    "mamba": text("mamba", "AutoModelForCausalLM", TEXT | {"state_size": 8}, fixed={"use_cache": False}),
    "mistral": causal("mistral", GROUPED | {"sliding_window": 8}),
    "mixtral": causal("mixtral", GROUPED | {"num_local_experts": 4}),
    "mpt": causal("mpt", {"vocab_size": WORDS, "d_model": 64, "n_heads": 4, "n_layers": 2, "max_seq_len": 64,
                          "initializer_range": 0.1}),
    "olmo2": causal("olmo2"),
    "opt": causal("opt", TEXT | {"ffn_dim": 128, "word_embed_proj_dim": 64, "init_std": 0.1}),
    "phi": causal("phi"),
    "phi3": causal("phi3"),
    "qwen2": causal("qwen2"),
    "qwen3": causal("qwen3"),
    "qwen3_moe": causal("qwen3_moe", GROUPED | {"num_experts": 4, "num_experts_per_tok": 2,
                                                "moe_intermediate_size": 32}),
    "smollm3": causal("smollm3"),
    "stablelm": causal("stablelm"),
    "starcoder2": causal("starcoder2"),
    "xglm": causal("xglm", {"vocab_size": WORDS, "d_model": 64, "num_layers": 2, "attention_heads": 4, "ffn_dim": 128,
                            "max_position_embeddings": 64, "init_std": 0.1}),
}
CACHED = {
    "gemma2 with cache": cached("gemma2", GROUPED | {"sliding_window": 8, "query_pre_attn_scalar": 16}),
    "gpt2 with cache": cached("gpt2", GPT2, heads=4),
    "gpt_neox with cache": cached("gpt_neox", TEXT, heads=4),
    "llama with cache": cached("llama"),
    "mistral with cache": cached("mistral", GROUPED | {"sliding_window": 32}),
    "opt with cache": cached("opt", TEXT | {"ffn_dim": 128, "word_embed_proj_dim": 64, "init_std": 0.1}, heads=4),
    "qwen2 with cache": cached("qwen2"),
    "qwen3 with cache": cached("qwen3"),
}
PAIRS = {
    "bart": pair("bart", BART),
    "blenderbot": pair("blenderbot", BART),
    "m2m_100": pair("m2m_100", BART),
    "marian": pair("marian", BART),
    "mbart": pair("mbart", BART),
    "mt5": pair("mt5", T5),
    "pegasus": pair("pegasus", BART),
    "switch_transformers": pair("switch_transformers", T5 | {"num_experts": 4, "num_sparse_encoder_layers": 1,
                                                             "num_sparse_decoder_layers": 1}),
    "t5": pair("t5", T5),
    "whisper": mixed("whisper", "AutoModelForSpeechSeq2Seq", WHISPER,
                     lambda seed, size: {"input_features": noise(seed, 2 + size, 20, 100),
                                         "decoder_input_ids": words(seed, 2 + size, 4 + 3 * size)},
                     {"input_features": {0: "batch"}, "decoder_input_ids": {0: "batch", 1: "written"}},
                     {"use_cache": False}),
}
PICTURES = {
    "beit": picture("beit", options=VISION | {"use_mean_pooling": True}),
    "convnextv2": picture("convnextv2", options=STAGES),
    "data2vec-vision": picture("data2vec-vision"),
    "deit": picture("deit"),
    "depth_anything": picture("depth_anything", "AutoModelForDepthEstimation",
                              {"backbone_config": {"model_type": "dinov2", **VISION, "image_size": 56, "patch_size": 14,
                                                   "out_indices": [1, 2], "reshape_hidden_states": False},
                               "reassemble_hidden_size": 64, "patch_size": 14, "neck_hidden_sizes": [16, 32],
                               "reassemble_factors": [2, 1], "fusion_hidden_size": 16, "head_hidden_size": 8,
                               # The other kind ends in a Relu, which cuts off all that random weights give.
                               "depth_estimation_type": "metric", "initializer_range": 0.1}, 56),
    "detr": mixed("detr", "AutoModelForObjectDetection",
                  {"backbone_config": {"model_type": "resnet", "out_features": ["stage4"],
                                       "embedding_size": 16, **STAGES}, "use_timm_backbone": False, "backbone": None,
                   "use_pretrained_backbone": False, "d_model": 64, "encoder_layers": 2, "decoder_layers": 2,
                   "encoder_attention_heads": 4, "decoder_attention_heads": 4, "encoder_ffn_dim": 128,
                   "decoder_ffn_dim": 128, "num_queries": 10, "num_labels": 5,
                   "init_std": 0.2, "init_xavier_std": 3.0},
                  lambda seed, size: {"pixel_values": noise(seed, 2 + size, 3, 128, 128)},
                  {"pixel_values": {0: "batch"}}),
    "dinov2": picture("dinov2", options=VISION | {"image_size": 56, "patch_size": 14}, side=56),
    "dinov3_vit": picture("dinov3_vit"),
    "dpt": picture("dpt", "AutoModelForDepthEstimation",
                   VISION | {"num_hidden_layers": 4, "backbone_out_indices": [0, 1, 2, 3],
                             "neck_hidden_sizes": [16, 16, 32, 32], "fusion_hidden_size": 16}),
    "efficientnet": picture("efficientnet", options={"image_size": 64, "initializer_range": 0.2, "hidden_dim": 320,
                                                     "width_coefficient": 0.25, "depth_coefficient": 0.5}),
    "focalnet": picture("focalnet", options={"image_size": 64, "embed_dim": 16, "depths": [1, 1],
                                             "hidden_sizes": [16, 32], "focal_levels": [2, 2],
                                             "focal_windows": [3, 3], "initializer_range": 0.1}),
    "hiera": picture("hiera", options={"image_size": [64, 64], "embed_dim": 16, "depths": [1, 1, 1, 1]}),
    # In smaller pictures the last stage has too few places for the statistics of its normalisations.
    "levit": picture("levit", side=256, options={"image_size": 256, "hidden_sizes": [32, 48, 64],
                                                 "num_attention_heads": [2, 3, 4], "depths": [1, 1, 1],
                                                 "key_dim": [8, 8, 8]}),
    "mobilevit": picture("mobilevit", options={"image_size": 64, "patch_size": 2, "hidden_sizes": [32, 48, 64],
                                               "neck_hidden_sizes": [8, 16, 24, 32, 48, 48, 64],
                                               "initializer_range": 0.2}),
    "poolformer": picture("poolformer", options=STAGES),
    "pvt_v2": picture("pvt_v2", options={"image_size": 64, "hidden_sizes": [16, 32, 48, 64], "depths": [1, 1, 1, 1],
                                         "num_attention_heads": [1, 2, 3, 4]}),
    "rt_detr": mixed("rt_detr", "AutoModelForObjectDetection",
                     {"backbone_config": {"model_type": "rt_detr_resnet", "embedding_size": 16, **STAGES,
                                          "out_features": ["stage2", "stage3", "stage4"]},
                      "encoder_in_channels": [32, 48, 64], "encoder_hidden_dim": 32, "d_model": 32,
                      "encoder_ffn_dim": 64, "decoder_ffn_dim": 64, "decoder_layers": 2, "num_queries": 10,
                      "encoder_attention_heads": 4, "decoder_attention_heads": 4, "num_labels": 5,
                      "decoder_in_channels": [32, 32, 32], "initializer_range": 0.1},
                     lambda seed, size: {"pixel_values": noise(seed, 2 + size, 3, 128, 128)},
                     {"pixel_values": {0: "batch"}}),
    "sam2_hiera_det_model": picture("sam2_hiera_det_model", options={
        "hidden_size": 16, "image_size": [64, 64], "num_attention_heads": 1, "blocks_per_stage": [1, 1, 2, 1],
        "embed_dim_per_stage": [16, 32, 64, 128], "num_attention_heads_per_stage": [1, 2, 4, 8],
        "global_attention_blocks": [3], "window_size_per_stage": [8, 4, 4, 2]}),
    "segformer": picture("segformer", "AutoModelForSemanticSegmentation",
                         {"hidden_sizes": [16, 32, 48, 64], "depths": [1, 1, 1, 1], "num_attention_heads": [1, 2, 3, 4],
                          "decoder_hidden_size": 32, "num_labels": 5}, sides=(96, 64)),
    "swin": picture("swin", options=SWIN),
    "swin2sr": picture("swin2sr", "AutoModelForImageToImage",
                       SWIN | {"depths": [2, 2], "embed_dim": 16, "patch_size": 1, "num_heads": [2, 2],
                               "image_size": 32, "upscale": 2}, 32),
    "swinv2": picture("swinv2", options=SWIN),
    "upernet": picture("upernet", "AutoModelForSemanticSegmentation",
                       {"backbone_config": {"model_type": "convnext", **STAGES,
                                            "out_features": ["stage1", "stage2", "stage3", "stage4"]},
                        "hidden_size": 32, "auxiliary_in_channels": 48, "num_labels": 5, "auxiliary_channels": 16,
                        "pool_scales": [1, 2]}),
    "vit": picture("vit", "AutoModelForImageClassification"),
    "vit_msn": picture("vit_msn"),
    "yolos": picture("yolos", "AutoModelForObjectDetection", VISION | {"image_size": [64, 64],
                                                                       "num_detection_tokens": 10}),
}
SOUNDS = {
    "audio-spectrogram-transformer": sound("audio-spectrogram-transformer",
                                           VISION | {"max_length": 64, "num_mel_bins": 32}, shape=(64, 32),
                                           dynamic=False),
    "data2vec-audio": sound("data2vec-audio", WAV | {"conv_pos_kernel_size": 5}),
    "hubert": sound("hubert", WAV),
    "sew": sound("sew", WAV | {"squeeze_factor": 2}),
    "unispeech-sat": sound("unispeech-sat", WAV),
    "wav2vec2": sound("wav2vec2", WAV, head="AutoModelForCTC"),
    "wav2vec2-conformer": sound("wav2vec2-conformer", WAV),
    "wavlm": sound("wavlm", WAV | {"num_buckets": 16, "max_bucket_distance": 32}),
}
MIXED = {
    "blip": mixed("blip", "BlipModel", TOWERS, words_and_picture(), WORDS_AND_PICTURE),
    "chinese_clip": mixed("chinese_clip", "AutoModel", TOWERS, words_and_picture(), WORDS_AND_PICTURE),
    "clip": mixed("clip", "AutoModel", TOWERS, words_and_picture(), WORDS_AND_PICTURE),
    "clipseg": mixed("clipseg", "CLIPSegForImageSegmentation",
                     TOWERS | {"extract_layers": [0, 1], "reduce_dim": 16, "decoder_num_attention_heads": 4,
                               "decoder_intermediate_size": 32}, words_and_picture(), WORDS_AND_PICTURE),
    "git": mixed("git", "AutoModelForCausalLM", TEXT | {"vision_config": VISION}, words_and_picture(),
                 WORDS_AND_PICTURE, {"use_cache": False}),
    "layoutlmv3": mixed("layoutlmv3", "AutoModel",
                        TEXT | {"input_size": 64, "coordinate_size": 10, "shape_size": 12, "patch_size": 16},
                        words_and_picture(more=lambda *sizes: {"bbox": boxes(*sizes)}),
                        WORDS_AND_PICTURE | {"bbox": {0: "batch", 1: "length"}}),
    "owlvit": mixed("owlvit", "AutoModel", TOWERS, words_and_picture(), WORDS_AND_PICTURE),
    "siglip": mixed("siglip", "AutoModel", TOWERS, words_and_picture(), WORDS_AND_PICTURE),
    "vilt": mixed("vilt", "AutoModel", TEXT | VISION | {"max_image_length": -1}, words_and_picture(),
                  WORDS_AND_PICTURE),
}


def listed(family, catalogue):
    return [Model(name, family, make, note=NOTE) for name, make in catalogue.items()]


MODELS = (
    listed("text encoders", ENCODERS)
    + listed("text decoders", DECODERS)
    + listed("text decoders with a cache", CACHED)
    + listed("encoder-decoders", PAIRS)
    + listed("vision transformers and nets", PICTURES)
    + listed("audio", SOUNDS)
    + listed("multimodal", MIXED)
)
