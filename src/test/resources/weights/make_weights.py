import json, collections, torch, re, os
from torch import nn
from torchvision.models.densenet import DenseNet
torch.manual_seed(7)
out = os.environ.get("OUT", "."); os.makedirs(out, exist_ok=True)
net = DenseNet(growth_rate=4, block_config=(2, 2), num_init_features=8, bn_size=2, num_classes=5).eval()
for name, b in net.named_buffers():
    if name.endswith("running_mean"): b.uniform_(-0.5, 0.5)
    if name.endswith("running_var"): b.uniform_(0.5, 2)
for name, p in net.named_parameters():
    if "norm" in name: p.data.uniform_(0.5, 1.5) if name.endswith("weight") else p.data.uniform_(-.5, .5)
sd = net.state_dict()
images = torch.linspace(-1, 1, 2 * 3 * 32 * 32).sin().view(2, 32, 32, 3)
logits = net.double()(images.double().permute(0, 3, 1, 2)); net.float()
json.dump({"logits": logits.flatten().tolist()}, open(out + "/logits.json", "w"))
torch.save(sd, out + "/torchvision.pth")
old = collections.OrderedDict(("module." + re.sub(r"(denselayer\d+\.(?:norm|conv))([12])", r"\1.\2", k), v) for k, v in sd.items() if "num_batches" not in k)
torch.save({"epoch": 3, "arch": "densenet", "state_dict": old, "best_prec1": torch.tensor(0.5),
            "optimizer": {"state": {0: {"momentum_buffer": torch.zeros(3)}}, "param_groups": [{"lr": 0.1, "params": [0]}]}},
           out + "/old-names-checkpoint.pth.tar", _use_new_zipfile_serialization=False)
monai = {re.sub(r"(denselayer\d+)\.", r"\1.layers.", k).replace("classifier.", "class_layers.out."): v for k, v in sd.items()}
# views of one storage, behind one another and transposed
flat = torch.cat([v.flatten() for v in monai.values() if v.dtype == torch.float32])
at = 0
for k, v in monai.items():
    if v.dtype == torch.float32:
        monai[k] = flat[at:at + v.numel()].view(v.shape); at += v.numel()
monai["class_layers.out.weight"] = monai["class_layers.out.weight"].t().contiguous().t()
monai["features.conv0.weight"] = monai["features.conv0.weight"].contiguous(memory_format=torch.channels_last)
torch.save(monai, out + "/monai-views.pt")
torch.save(nn.DataParallel(net), out + "/whole-module.pt", _use_new_zipfile_serialization=False)
torch.save({k: v.bfloat16() if v.is_floating_point() else v for k, v in sd.items()}, out + "/bfloat16.pt", pickle_protocol=4)
