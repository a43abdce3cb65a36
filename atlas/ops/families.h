// One function per operator family: the table of its operators.
#pragma once

#include <vector>

#include "atlas/ops/opdef.h"

namespace atlas::ops {

std::vector<OpDef> activations();
std::vector<OpDef> arg_extrema();
std::vector<OpDef> arithmetic();
std::vector<OpDef> attention();
std::vector<OpDef> batch_normalization();
std::vector<OpDef> blocked_channels();
std::vector<OpDef> blocked_pair();
std::vector<OpDef> cast();
std::vector<OpDef> comparison();
std::vector<OpDef> constant();
std::vector<OpDef> contrib_activations();
std::vector<OpDef> contrib_attention();
std::vector<OpDef> contrib_blocks();
std::vector<OpDef> contrib_convolution();
std::vector<OpDef> contrib_crop();
std::vector<OpDef> contrib_generation();
std::vector<OpDef> contrib_layout();
std::vector<OpDef> contrib_matmul();
std::vector<OpDef> contrib_matrix();
std::vector<OpDef> contrib_normalization();
std::vector<OpDef> contrib_quantized();
std::vector<OpDef> control_flow();
std::vector<OpDef> convolution();
std::vector<OpDef> cumulative();
std::vector<OpDef> deformable_convolution();
std::vector<OpDef> dropout();
std::vector<OpDef> einsum();
std::vector<OpDef> elementwise_unary();
std::vector<OpDef> elementwise_variadic();
std::vector<OpDef> flex_attention();
std::vector<OpDef> fourier();
std::vector<OpDef> gather();
std::vector<OpDef> gradient();
std::vector<OpDef> grid_sample();
std::vector<OpDef> image_decoder();
std::vector<OpDef> layer_normalization();
std::vector<OpDef> layout();
std::vector<OpDef> level_table();
std::vector<OpDef> linear();
std::vector<OpDef> linear_attention();
std::vector<OpDef> logic();
std::vector<OpDef> loss();
std::vector<OpDef> matmul();
std::vector<OpDef> ml_categories();
std::vector<OpDef> ml_features();
std::vector<OpDef> ml_linear();
std::vector<OpDef> ml_maps();
std::vector<OpDef> ml_svm();
std::vector<OpDef> ml_trees();
std::vector<OpDef> non_max_suppression();
std::vector<OpDef> optimizers();
std::vector<OpDef> optional();
std::vector<OpDef> padding();
std::vector<OpDef> pooling();
std::vector<OpDef> quantize();
std::vector<OpDef> quantized_matmul();
std::vector<OpDef> random();
std::vector<OpDef> recurrent();
std::vector<OpDef> reduce();
std::vector<OpDef> region_pooling();
std::vector<OpDef> reshape();
std::vector<OpDef> resize();
std::vector<OpDef> scan();
std::vector<OpDef> scatter();
std::vector<OpDef> search();
std::vector<OpDef> selection();
std::vector<OpDef> sequence();
std::vector<OpDef> sequence_map();
std::vector<OpDef> signal_windows();
std::vector<OpDef> slicing();
std::vector<OpDef> softmax();
std::vector<OpDef> strings();
std::vector<OpDef> tfidf_vectorizer();
std::vector<OpDef> transposed_convolution();
std::vector<OpDef> vector_normalization();

}  // namespace atlas::ops
