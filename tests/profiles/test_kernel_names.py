"""Kernels' names, made short."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tbtui.profiles.kernel_names import short_kernel_name

LAMBDA = "{lambda()#1}::operator()() const::{lambda()#8}::operator()() const::{lambda(float)#1}"


@pytest.mark.parametrize(
    ("name", "short"),
    [
        (
            "void at::native::vectorized_elementwise_kernel<4, at::native::AddFunctor<float>, at::detail::Array<char*, "
            "3> >(int, at::native::AddFunctor<float>, at::detail::Array<char*, 3>)",
            "vectorized_elementwise_kernel<AddFunctor<float>>",
        ),
        (
            "void at::native::vectorized_elementwise_kernel<4, at::native::(anonymous namespace)::"
            f"clamp_min_scalar_kernel_impl(at::TensorIterator&, c10::Scalar)::{LAMBDA}, at::detail::Array<char*, 2> >"
            "(int, float)",
            "vectorized_elementwise_kernel<clamp_min_scalar_kernel_impl>",
        ),
        (
            "void at::native::reduce_kernel<512, 1, at::native::ReduceOp<float, at::native::MeanOps<float, float>, "
            "unsigned int, float, 4> >(at::native::ReduceOp<float, at::native::MeanOps<float, float>, unsigned int, "
            "float, 4>)",
            "reduce_kernel<ReduceOp<MeanOps<float>>>",
        ),
        ("void implicit_convolve_sgemm<float, float, 1024, 6, 7, 3, 3, 5, 1, false>(int, int)",
         "implicit_convolve_sgemm<float>"),
        ("void nchwToNhwcKernel<float, true, (cudnnKernelDataType_t)0>(int)", "nchwToNhwcKernel<float>"),
        ("void cutlass::Kernel<cutlass_80_tensorop_s1688gemm_128x64_nn>(P)", "cutlass_80_tensorop_s1688gemm_128x64_nn"),
        ("ncclDevKernel_AllReduce_Sum_f32_RING_LL(ncclDevComm*, unsigned long, ncclWork*)",
         "ncclDevKernel_AllReduce_Sum_f32_RING_LL"),
        ("_ZN2at6native29vectorized_elementwise_kernelILi4ENS0_10AddFunctorIfEE", "vectorized_elementwise_kernel"),
        ("ampere_sgemm_128x64_tn", "ampere_sgemm_128x64_tn"),
        ("triton_poi_fused_add_relu_0", "triton_poi_fused_add_relu_0"),
        ("void unclosed<float(int)", "void unclosed<float(int)"),
        ("<<<", "<<<"),
        ("", ""),
    ],
)  # fmt: skip
def test_short(name: str, short: str) -> None:
    assert short_kernel_name(name) == short


@given(st.text("ab<>(){}:,*& _ZN12", max_size=40))
def test_any_name_has_a_short_one(name: str) -> None:
    short = short_kernel_name(name)
    assert len(short) <= len(name)
    assert bool(short) == bool(name)
