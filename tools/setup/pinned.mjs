/**
 * The native TensorFlow that tfjs-node 4.22.0 is built against here: the C library inside the Python wheel of TensorFlow 2.15.1.
 * The library depends on no Python version; the wheel's tag is one that exists, and pip is told to take it on any Python.
 */
export const TENSORFLOW = '2.15.1';

/** Headers of Node-API for compilers on machines where Node came without its own. */
export const NODE_API_HEADERS = '1.9.0';

/** What the addon's sources include of the wheel's headers (10,000 files): these folders. */
export const HEADER_FOLDERS = ['tensorflow/c/', 'tensorflow/core/platform/', 'tsl/c/', 'tsl/platform/'];

const LIBRARY = 'tensorflow/libtensorflow_cc.so.2';
const FRAMEWORK = 'tensorflow/libtensorflow_framework.so.2';

/** By `platform-architecture`: the wheel, and the files taken from it with size and SHA-256. */
export const WHEELS = {
  'linux-x64': {
    package: 'tensorflow-cpu',
    tag: 'manylinux2014_x86_64',
    file: 'tensorflow_cpu-2.15.1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl',
    size: 207_208_420,
    sha256: '54660c074d7241a503e81edfd9f5ef5af88f64051b72e2945f26318c790f2d26',
    libraries: {
      [LIBRARY]: { size: 564_733_624, sha256: '26c52413c74ae9495f742c93b87fcb515c9010627f3feb5ad29b65dff901a2ee' },
      [FRAMEWORK]: { size: 49_042_544, sha256: '1ed1f34811d338f934cb01155be51963f7a8ef4155cd201d0fba34b27425fc6b' },
    },
  },
  'linux-arm64': {
    package: 'tensorflow-cpu-aws',
    tag: 'manylinux2014_aarch64',
    file: 'tensorflow_cpu_aws-2.15.1-cp311-cp311-manylinux_2_17_aarch64.manylinux2014_aarch64.whl',
    size: 211_874_120,
    sha256: 'd4c3a3a9363bf42999adedbbd514e3a133be2d62f61fee9cfa46aaefb087c09e',
    libraries: {
      [LIBRARY]: { size: 642_769_232, sha256: '482e6f4630c853f9e790870ea39faff9aae37609cda47b1598de28c59c26dd33' },
      [FRAMEWORK]: { size: 51_487_336, sha256: '8cf7950629949388686aa5631c8fcdf8340f2590d9e8992b2e1929ebc4ac52e1' },
      'tensorflow_cpu_aws.libs/libomp-54bf90fd.so.5': {
        size: 1_295_152,
        sha256: '93d029d4ddcc4a093c685e953a14d8689035b01a2a712cb0385783f8f3a3b8cf',
      },
    },
  },
};
