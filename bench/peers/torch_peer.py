"""
PyTorch on the CPU, as its users write it: eager, with the fastest of its Adams, and with in-place or `out=` operations
where a result takes another's place.
"""

import torch
import torch.nn.functional as F
from shared_numbers import BATCHES, ROW, array, batches, initial, matrices, sample
from torch import nn

LAYERS = {
    "linear": lambda layer: nn.Linear(layer["in"], layer["out"]),
    "conv": lambda layer: nn.Conv2d(layer["in"], layer["out"], 3, padding=1),
    "relu": lambda _: nn.ReLU(),
    "tanh": lambda _: nn.Tanh(),
    "pool": lambda _: nn.MaxPool2d(2),
    "flatten": lambda _: nn.Flatten(),
}


class Stack(nn.Sequential):
    def __init__(self, config):
        super().__init__(*(LAYERS[layer["type"]](layer) for layer in config["layers"]))
        self.criterion = F.mse_loss if config["loss"] == "mse" else F.cross_entropy

    def loss(self, x, y):
        return self.criterion(self(x), y)


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.down = None
        if stride > 1 or inputs != outputs:
            self.down = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        z = self.bn2(self.conv2(y))
        return F.relu(z + (self.down(x) if self.down else x))


class ResNet20(nn.Module):
    def __init__(self, config):
        super().__init__()
        widths = config["widths"]
        self.conv1 = nn.Conv2d(3, widths[0], 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(widths[0])
        layers = []
        for stage, width in enumerate(widths):
            for i in range(config["blocks"]):
                first = i == 0 and stage > 0
                layers.append(Block(widths[stage - 1] if first else width, width, 2 if first else 1))
        self.layers = nn.Sequential(*layers)
        self.fc = nn.Linear(widths[-1], config["classes"])

    def forward(self, x):
        h = self.layers(F.relu(self.bn1(self.conv1(x))))
        return self.fc(F.adaptive_avg_pool2d(h, 1).flatten(1))

    def loss(self, x, y):
        return F.cross_entropy(self(x), y)


def conv_norm(inputs, outputs, kernel, *activation, **options):
    conv = nn.Conv2d(inputs, outputs, kernel, padding=(kernel - 1) // 2, bias=False, **options)
    return nn.Sequential(conv, nn.BatchNorm2d(outputs), *activation)


class InvertedResidual(nn.Module):
    def __init__(self, inputs, outputs, stride, expansion):
        super().__init__()
        hidden = inputs * expansion
        expand = [conv_norm(inputs, hidden, 1, nn.ReLU6(inplace=True))] if expansion > 1 else []
        self.conv = nn.Sequential(
            *expand,
            conv_norm(hidden, hidden, 3, nn.ReLU6(inplace=True), stride=stride, groups=hidden),
            nn.Conv2d(hidden, outputs, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )
        self.is_residual = stride == 1 and inputs == outputs

    def forward(self, x):
        return x + self.conv(x) if self.is_residual else self.conv(x)


class MobileNetV2(nn.Module):
    def __init__(self, config):
        super().__init__()
        inputs = 32
        features = [conv_norm(3, inputs, 3, nn.ReLU6(inplace=True))]
        for expansion, outputs, blocks, stride in config["stages"]:
            for i in range(blocks):
                features.append(InvertedResidual(inputs, outputs, stride if i == 0 else 1, expansion))
                inputs = outputs
        self.features = nn.Sequential(*features, conv_norm(inputs, 1280, 1, nn.ReLU6(inplace=True)))
        self.classifier = nn.Sequential(nn.Identity(), nn.Linear(1280, config["classes"]))

    def forward(self, x):
        return self.classifier(self.features(x).mean((2, 3)))

    def loss(self, x, y):
        return F.cross_entropy(self(x), y)


class DenseLayer(nn.Module):
    def __init__(self, inputs, growth):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(inputs)
        self.conv1 = nn.Conv2d(inputs, 4 * growth, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(4 * growth)
        self.conv2 = nn.Conv2d(4 * growth, growth, 3, padding=1, bias=False)

    def forward(self, x):
        y = self.conv1(F.relu(self.norm1(x), inplace=True))
        return self.conv2(F.relu(self.norm2(y), inplace=True))


class DenseBlock(nn.ModuleDict):
    def __init__(self, layers, inputs, growth):
        super().__init__({f"denselayer{i + 1}": DenseLayer(inputs + i * growth, growth) for i in range(layers)})

    def forward(self, x):
        parts = [x]
        for layer in self.values():
            parts.append(layer(torch.cat(parts, 1)))
        return torch.cat(parts, 1)


def transition(inputs, outputs):
    transition = nn.Sequential()
    transition.add_module("norm", nn.BatchNorm2d(inputs))
    transition.add_module("relu", nn.ReLU(inplace=True))
    transition.add_module("conv", nn.Conv2d(inputs, outputs, 1, bias=False))
    transition.add_module("pool", nn.AvgPool2d(2))
    return transition


class DenseNet(nn.Module):
    def __init__(self, config):
        super().__init__()
        growth, layers = config["growth"], config["layers"]
        channels = 2 * growth
        self.features = nn.Sequential()
        self.features.add_module("conv0", nn.Conv2d(3, channels, 3, padding=1, bias=False))
        for b in range(1, config["blocks"] + 1):
            self.features.add_module(f"denseblock{b}", DenseBlock(layers, channels, growth))
            channels += layers * growth
            if b < config["blocks"]:
                self.features.add_module(f"transition{b}", transition(channels, channels // 2))
                channels //= 2
        self.features.add_module("norm5", nn.BatchNorm2d(channels))
        self.classifier = nn.Linear(channels, config["classes"])

    def forward(self, x):
        return self.classifier(F.relu(self.features(x), inplace=True).mean((2, 3)))

    def loss(self, x, y):
        return F.cross_entropy(self(x), y)


def double_conv(inputs, outputs):
    relu = lambda: nn.ReLU(inplace=True)
    return nn.Sequential(conv_norm(inputs, outputs, 3, relu()), conv_norm(outputs, outputs, 3, relu()))


class Down(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv = double_conv(inputs, outputs)

    def forward(self, x):
        return self.conv(F.max_pool2d(x, 2))


class Up(nn.Module):
    def __init__(self, outputs):
        super().__init__()
        self.up = nn.ConvTranspose2d(2 * outputs, outputs, 2, stride=2)
        self.conv = double_conv(2 * outputs, outputs)

    def forward(self, x, skip):
        return self.conv(torch.cat([skip, self.up(x)], 1))


class UNet(nn.Module):
    def __init__(self, config):
        super().__init__()
        width, depth = config["width"], config["depth"]
        self.inc = double_conv(config["channels"], width)
        self.down = nn.ModuleList(Down(width * 2**i, width * 2 ** (i + 1)) for i in range(depth))
        self.up = nn.ModuleList(Up(width * 2**i) for i in reversed(range(depth)))
        self.outc = nn.Conv2d(width, config["classes"], 1)

    def forward(self, x):
        seen = [self.inc(x)]
        for down in self.down:
            seen.append(down(seen[-1]))
        x = seen.pop()
        for up in self.up:
            x = up(x, seen.pop())
        return self.outc(x)

    def loss(self, x, y):
        return F.cross_entropy(self(x), y)


class CharRNN(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed = nn.Embedding(config["vocabulary"], config["embedding"])
        kind = {"lstm": nn.LSTM, "gru": nn.GRU}[config["model"]]
        setattr(self, config["model"], kind(config["embedding"], config["hidden"]))
        self.layer = [getattr(self, config["model"])]  # in a list, it is no second module
        self.head = nn.Linear(config["hidden"], config["vocabulary"])
        self.state = None

    def forward(self, x, caches=None, position=0):
        outputs, state = self.layer[0](self.embed(x), self.state if caches is not None else None)
        if caches is not None:
            self.state = state
        return self.head(outputs)

    def loss(self, x, y):
        return F.cross_entropy(self(x).flatten(0, 1), y.flatten())


class Seq2Seq(nn.Module):
    def __init__(self, config):
        super().__init__()
        width, depth = config["width"], config["depth"]
        self.tokens = nn.Embedding(config["vocabulary"], width)
        self.positions = nn.Embedding(config["context"], width)
        self.transformer = nn.Transformer(
            width, config["heads"], depth, depth, 4 * width, dropout=0.0, batch_first=True
        )
        self.head = nn.Linear(width, config["vocabulary"])
        self.register_buffer("mask", nn.Transformer.generate_square_subsequent_mask(config["context"]), False)

    def forward(self, x):
        source, target = (self.tokens(part) + self.positions.weight for part in x.chunk(2, 1))
        return self.head(self.transformer(source, target, tgt_mask=self.mask))

    def loss(self, x, y):
        return F.cross_entropy(self(x).flatten(0, 1), y.flatten())


class GPTLayer(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.ln1 = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)
        self.ln2 = nn.LayerNorm(width)
        self.fc = nn.Linear(width, 4 * width)
        self.out = nn.Linear(4 * width, width)

    def forward(self, x, cache=None, position=0):
        B, T, C = x.shape
        q, k, v = (part.view(B, T, self.heads, -1).transpose(1, 2) for part in self.qkv(self.ln1(x)).split(C, 2))
        if cache:
            cache[0][:, :, position : position + T], cache[1][:, :, position : position + T] = k, v
            k, v = (kept[:, :, : position + T] for kept in cache)
        if hasattr(F, "scaled_dot_product_attention"):
            mixed = F.scaled_dot_product_attention(q, k, v, is_causal=T > 1)
        else:
            scores = q @ k.transpose(-2, -1) * (C // self.heads) ** -0.5
            if T > 1:
                scores = scores.masked_fill(torch.ones(T, T).tril() == 0, -torch.inf)
            mixed = scores.softmax(-1) @ v
        x = x + self.proj(mixed.transpose(1, 2).reshape(B, T, C))
        return x + self.out(F.gelu(self.fc(self.ln2(x)), approximate="tanh"))


class GPT(nn.Module):
    def __init__(self, config):
        super().__init__()
        width = config["width"]
        self.tokens = nn.Embedding(config["vocabulary"], width)
        self.positions = nn.Embedding(config["context"], width)
        self.layers = nn.ModuleList(GPTLayer(width, config["heads"]) for _ in range(config["depth"]))
        self.ln = nn.LayerNorm(width)

    def forward(self, x, caches=None, position=0):
        h = self.tokens(x) + self.positions.weight[position : position + x.shape[1]]
        for i, layer in enumerate(self.layers):
            h = layer(h, caches and caches[i], position)
        return self.ln(h) @ self.tokens.weight.t()

    def loss(self, x, y):
        return F.cross_entropy(self(x).flatten(0, 1), y.flatten())


MODELS = {
    "stack": Stack,
    "resnet": ResNet20,
    "mobilenet": MobileNetV2,
    "densenet": DenseNet,
    "unet": UNet,
    "lstm": CharRNN,
    "gru": CharRNN,
    "seq2seq": Seq2Seq,
    "gpt": GPT,
}


def model_of(config):
    model = MODELS[config["model"]](config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(torch.from_numpy(initial(name, tuple(parameter.shape))))
    return model


def adam(parameters):
    parameters = list(parameters)
    # The fused one came to CPUs with PyTorch 2.4.
    for more in ({"fused": True}, {}):
        try:
            return torch.optim.Adam(parameters, **more)
        except (RuntimeError, TypeError):
            continue


class Job:
    def __init__(self, workload, threads):
        torch.set_num_threads(threads)
        self.about = f"PyTorch {torch.__version__}, {torch.get_num_threads()} thread(s)"
        getattr(self, workload["kind"])(workload)

    def train(self, workload):
        model = model_of(workload["config"])
        self.parameters = sum(p.numel() for p in model.parameters())
        optimizer = adam(model.parameters())
        data = [tuple(map(torch.from_numpy, pair)) for pair in batches(workload)]

        def step(i):
            self.value = model.loss(*data[i % BATCHES])
            self.value.backward()
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)

        self.step = step
        self.read = lambda: [self.value.item()]

    def infer(self, workload):
        model = model_of(workload["config"]).eval()
        x = torch.from_numpy(sample(workload["x"], 1000))

        def step(_):
            with torch.inference_mode():
                self.value = model(x)

        self.step = step
        self.read = lambda: self.value.flatten().tolist()

    def generate(self, workload):
        """Caches of full size, of which each token uses what is filled; a recurrent layer keeps its state itself."""
        config = workload["config"]
        model = model_of(config).eval()
        caches = []
        if config["model"] == "gpt":
            shape = (1, config["heads"], config["context"], config["width"] // config["heads"])
            caches = [(torch.zeros(shape), torch.zeros(shape)) for _ in range(config["depth"])]
        self.token, self.position = 0, 0

        def step(_):
            with torch.inference_mode():
                logits = model(torch.tensor([[self.token]]), caches, self.position)
                self.value = logits.max(-1)
                self.token = self.value.indices.item()
                self.position = (self.position + 1) % config["context"]

        self.step = step
        self.read = lambda: [self.token, self.value.values.item()]

    def matmul(self, workload):
        a, b = map(torch.from_numpy, matrices(workload["n"]))
        results = torch.empty_like(a), torch.empty_like(a)

        def step(_):
            c = a
            for i in range(workload["repeats"]):
                c = torch.mm(c, b, out=results[i % 2])
            self.value = c

        self.step = step
        self.read = self.start

    def start(self):
        return self.value.detach()[0, :4].tolist()

    def memory(self, workload):
        x = self.value = torch.from_numpy(array(1, workload["floats"]))
        getattr(self, workload["op"])(x, workload)
        self.read = self.start

    def chain(self, x, _):
        self.step = lambda _: x.mul_(0.5).add_(0.25).relu_().square_()

    def softmax(self, x, _):
        self.step = lambda _: torch.softmax(x, 1, out=x)

    def layernorm(self, x, _):
        bias = torch.from_numpy(initial("bias", (ROW,)))
        weight = bias + 1

        # It has no in-place form: even `out=` makes a new array and copies it.
        def step(_):
            self.value = F.layer_norm(self.value, (ROW,), weight, bias)

        self.step = step

    def adam(self, x, workload):
        parameter = nn.Parameter(x)
        parameter.grad = torch.from_numpy(array(2, workload["floats"]))
        optimizer = adam([parameter])
        self.value = parameter
        self.step = lambda _: optimizer.step()
