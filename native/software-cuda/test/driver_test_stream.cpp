// Order within and between streams; events.
#include <atomic>
#include <thread>

#include "driver_test.h"

namespace driver_test {

namespace {

CUstream new_stream(unsigned flags = CU_STREAM_NON_BLOCKING) {
  CUstream stream;
  OK(cuStreamCreate(&stream, flags));
  return stream;
}

CUevent new_event(unsigned flags = CU_EVENT_DEFAULT) {
  CUevent event;
  OK(cuEventCreate(&event, flags));
  return event;
}

void work_waits_until_somebody_waits_for_it() {
  const Device device;
  const CUstream stream = new_stream();
  const CUdeviceptr value = allocate_value(1);
  OK(enqueue_add(stream, value, 1));
  OK(enqueue_add(stream, value, 1));
  CHECK(peek(value) == 1 && dn_software_cuda_count("launches") == 0);
  OK(cuStreamSynchronize(stream));
  CHECK(peek(value) == 3 && dn_software_cuda_count("launches") == 2);
  OK(cuStreamDestroy(stream));
  OK(cuMemFree(value));
}

void copies_read_the_host_when_they_run() {
  const Device device;
  const CUstream stream = new_stream();
  const CUdeviceptr value = allocate_value(0);
  int32_t source = 1, target = 9;
  OK(cuMemcpyHtoDAsync(value, &source, 4, stream));
  OK(cuMemcpyDtoHAsync(&target, value, 4, stream));
  source = 2;
  CHECK(target == 9);
  OK(cuStreamSynchronize(stream));
  CHECK(target == 2);
  OK(cuStreamDestroy(stream));
  OK(cuMemFree(value));
}

void an_event_brings_about_what_it_was_recorded_after() {
  const Device device;
  const CUstream stream = new_stream();
  const CUevent event = new_event(CU_EVENT_DISABLE_TIMING);
  const CUdeviceptr value = allocate_value(0);
  OK(cuEventQuery(event));
  OK(enqueue_add(stream, value, 1));
  OK(cuEventRecord(event, stream));
  OK(enqueue_add(stream, value, 10));
  OK(cuEventSynchronize(event));
  CHECK(peek(value) == 1);
  OK(cuStreamSynchronize(stream));
  CHECK(peek(value) == 11);
  OK(cuEventDestroy(event));
  CHECK_CODE(cuEventDestroy(event), CUDA_ERROR_INVALID_HANDLE);
  OK(cuStreamDestroy(stream));
  OK(cuMemFree(value));
}

void a_stream_waits_for_another_only_when_told() {
  const Device device;
  const CUstream first = new_stream(), second = new_stream();
  const CUevent event = new_event();
  const CUdeviceptr value = allocate_value(1);
  int32_t found = 0;
  OK(enqueue_add(first, value, 1));
  OK(cuMemcpyDtoHAsync(&found, value, 4, second));
  OK(cuStreamSynchronize(second));
  CHECK(found == 1);
  OK(cuEventRecord(event, first));
  OK(enqueue_add(first, value, 100));
  OK(cuStreamWaitEvent(second, event, 0));
  OK(cuMemcpyDtoHAsync(&found, value, 4, second));
  OK(cuStreamSynchronize(second));
  CHECK(found == 2);
  OK(cuCtxSynchronize());
  CHECK(peek(value) == 102);
  OK(cuStreamDestroy(first));
  OK(cuStreamDestroy(second));
  OK(cuEventDestroy(event));
  OK(cuMemFree(value));
}

void asking_a_second_time_gets_it_done() {
  const Device device;
  const CUstream stream = new_stream();
  const CUevent event = new_event();
  const CUdeviceptr value = allocate_value(0);
  OK(cuStreamQuery(stream));
  OK(enqueue_add(stream, value, 1));
  CHECK_CODE(cuStreamQuery(stream), CUDA_ERROR_NOT_READY);
  CHECK(peek(value) == 0);
  OK(cuStreamQuery(stream));
  CHECK(peek(value) == 1);
  OK(enqueue_add(stream, value, 1));
  OK(cuEventRecord(event, stream));
  CHECK_CODE(cuEventQuery(event), CUDA_ERROR_NOT_READY);
  OK(cuEventQuery(event));
  CHECK(peek(value) == 2);
  OK(cuStreamDestroy(stream));
  OK(cuEventDestroy(event));
  OK(cuMemFree(value));
}

void the_legacy_stream_goes_between_blocking_streams() {
  const Device device;
  const CUstream blocking = new_stream(CU_STREAM_DEFAULT), other = new_stream();
  const CUdeviceptr value = allocate_value(0), apart = allocate_value(0);
  OK(enqueue_add(blocking, value, 1));
  OK(enqueue_add(other, apart, 1));
  int32_t found;
  OK(cuMemcpyDtoH(&found, value, 4));
  CHECK(found == 1 && peek(apart) == 0);
  OK(enqueue_add(nullptr, value, 1));
  OK(enqueue_add(blocking, value, 1));
  OK(cuStreamSynchronize(blocking));
  CHECK(peek(value) == 3 && peek(apart) == 0);
  OK(enqueue_add(blocking, value, 1));
  OK(cuStreamSynchronize(CU_STREAM_LEGACY));
  CHECK(peek(value) == 4);
  OK(cuStreamDestroy(blocking));
  OK(cuStreamDestroy(other));
  CHECK(peek(apart) == 1);
  OK(cuMemFree(value));
  OK(cuMemFree(apart));
}

void freeing_waits_for_all_work() {
  const Device device;
  const CUstream stream = new_stream();
  const CUdeviceptr value = allocate_value(0), other = allocate(4);
  OK(enqueue_add(stream, value, 1));
  OK(cuMemFree(other));
  CHECK(peek(value) == 1);
  OK(cuStreamDestroy(stream));
  CHECK_CODE(cuStreamSynchronize(stream), CUDA_ERROR_INVALID_HANDLE);
  OK(cuMemFree(value));
}

void host_functions_run_in_order_and_may_not_call() {
  const Device device;
  const CUdeviceptr value = allocate_value(5);
  struct Seen {
    CUdeviceptr address;
    int32_t value;
    CUresult code;
  } seen{value, 0, CUDA_SUCCESS};
  const auto look = [](void* data) {
    auto* to = static_cast<Seen*>(data);
    to->value = peek(to->address);
    to->code = cuCtxSynchronize();
  };
  OK(enqueue_add(nullptr, value, 1));
  OK(cuLaunchHostFunc(nullptr, look, &seen));
  OK(enqueue_add(nullptr, value, 1));
  CHECK(seen.value == 0);
  OK(cuCtxSynchronize());
  CHECK(seen.value == 6 && seen.code == CUDA_ERROR_NOT_PERMITTED);
  OK(cuMemFree(value));
}

void events_measure_time() {
  const Device device;
  const CUevent start = new_event(), end = new_event(), blind = new_event(CU_EVENT_DISABLE_TIMING);
  float milliseconds = -1;
  CHECK_CODE(cuEventElapsedTime(&milliseconds, start, end), CUDA_ERROR_INVALID_HANDLE);
  OK(cuEventRecord(start, nullptr));
  OK(cuEventRecord(end, nullptr));
  OK(cuEventRecord(blind, nullptr));
  CHECK_CODE(cuEventElapsedTime(&milliseconds, start, end), CUDA_ERROR_NOT_READY);
  OK(cuEventSynchronize(blind));
  OK(cuEventElapsedTime(&milliseconds, start, end));
  CHECK(milliseconds >= 0 && milliseconds < 60000);
  CHECK_CODE(cuEventElapsedTime(&milliseconds, start, blind), CUDA_ERROR_INVALID_HANDLE);
  for (CUevent each : {start, end, blind}) OK(cuEventDestroy(each));
}

void values_are_written_and_waited_for() {
  const Device device;
  const CUstream first = new_stream(), second = new_stream();
  const CUdeviceptr flag = allocate_value(0), value = allocate_value(0);
  OK(enqueue_add(first, value, 7));
  OK(cuStreamWriteValue32(first, flag, 3, 0));
  OK(cuStreamWaitValue32(second, flag, 3, CU_STREAM_WAIT_VALUE_EQ));
  OK(enqueue_add(second, value, 1));
  OK(cuStreamSynchronize(second));
  CHECK(peek(value) == 8);
  OK(cuStreamDestroy(first));
  OK(cuStreamDestroy(second));
  OK(cuMemFree(flag));
  OK(cuMemFree(value));
}

void a_value_that_nothing_writes_is_an_error() {
  standard_error_of([] {
    const Device device;
    const CUdeviceptr flag = allocate_value(0);
    OK(cuStreamWaitValue32(nullptr, flag, 1, CU_STREAM_WAIT_VALUE_GEQ));
    CHECK_CODE(cuCtxSynchronize(), CUDA_ERROR_LAUNCH_TIMEOUT);
  });
}

void threads_share_a_context() {
  const Device device;
  CUcontext context;
  OK(cuCtxGetCurrent(&context));
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      CUstream stream;
      CUdeviceptr value;
      int32_t found = 0;
      bool good = cuCtxSetCurrent(context) == 0 && cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING) == 0;
      good = good && cuMemAlloc(&value, 4) == 0 && cuMemsetD32Async(value, 0, 1, stream) == 0;
      for (int i = 0; i < 100; ++i) good = good && enqueue_add(stream, value, 1) == 0;
      good = good && cuMemcpyDtoHAsync(&found, value, 4, stream) == 0 && cuStreamSynchronize(stream) == 0;
      good = good && cuMemFree(value) == 0 && cuStreamDestroy(stream) == 0;
      right += good && found == 100;
    });
  }
  for (std::thread& each : threads) each.join();
  CHECK(right == 4 && dn_software_cuda_count("launches") == 400);
}

void streams_are_counted_and_described() {
  const Device device;
  CUstream stream;
  OK(cuStreamCreateWithPriority(&stream, CU_STREAM_NON_BLOCKING, -99));
  int priority;
  unsigned flags;
  CUcontext context, current;
  OK(cuStreamGetPriority(stream, &priority));
  OK(cuStreamGetFlags(stream, &flags));
  OK(cuStreamGetCtx(stream, &context));
  OK(cuCtxGetCurrent(&current));
  CHECK(priority == -5 && flags == CU_STREAM_NON_BLOCKING && context == current);
  CHECK(dn_software_cuda_count("streams") == 1 && dn_software_cuda_count("events") == 0);
  CHECK_CODE(cuStreamCreate(&stream, 8), CUDA_ERROR_INVALID_VALUE);
  OK(cuStreamDestroy(stream));
}

}  // namespace

std::vector<Test> stream_tests() {
  return {{"work_waits_until_somebody_waits_for_it", work_waits_until_somebody_waits_for_it},
          {"copies_read_the_host_when_they_run", copies_read_the_host_when_they_run},
          {"an_event_brings_about_what_it_was_recorded_after", an_event_brings_about_what_it_was_recorded_after},
          {"a_stream_waits_for_another_only_when_told", a_stream_waits_for_another_only_when_told},
          {"asking_a_second_time_gets_it_done", asking_a_second_time_gets_it_done},
          {"the_legacy_stream_goes_between_blocking_streams", the_legacy_stream_goes_between_blocking_streams},
          {"freeing_waits_for_all_work", freeing_waits_for_all_work},
          {"host_functions_run_in_order_and_may_not_call", host_functions_run_in_order_and_may_not_call},
          {"events_measure_time", events_measure_time},
          {"values_are_written_and_waited_for", values_are_written_and_waited_for},
          {"a_value_that_nothing_writes_is_an_error", a_value_that_nothing_writes_is_an_error},
          {"threads_share_a_context", threads_share_a_context},
          {"streams_are_counted_and_described", streams_are_counted_and_described}};
}

}  // namespace driver_test
