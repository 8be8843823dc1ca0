// One of the libraries that cuDNN 9 is split into: here it only says that it belongs to the others.
#pragma GCC visibility push(default)
extern "C" int SUB_LIBRARY_CHECK() { return 0; }
#pragma GCC visibility pop
