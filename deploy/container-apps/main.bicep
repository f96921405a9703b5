// Receivers that put what Graph sends on a Kafka topic before they answer, and the scheduled job that keeps the
// subscriptions. Neither keeps anything itself. See docs/container-apps.md.

@description('Name of the app, and what other names begin with.')
param name string = 'graph-to-kafka'

param location string = resourceGroup().location

@description('The image, with its registry and tag.')
param image string

@description('Name of the container registry in this resource group.')
param registryName string

@description('Name of the key vault in this resource group, with the secrets tidings-secret and kafka-password.')
param vaultName string

@description('Name of the user-assigned identity in this resource group that signs in to Graph, the registry and the vault.')
param identityName string

@description('Brokers of Kafka, such as namespace.servicebus.windows.net:9093.')
param kafkaBrokers string

@description('User at the brokers; $ConnectionString for Event Hubs.')
param kafkaUsername string

@description('How often the subscriptions are looked after. Each has to live for three times as long.')
param applySchedule string = '*/15 * * * *'

@minValue(1)
param minReplicas int = 1

param maxReplicas int = 20

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' existing = {
  name: identityName
}

resource registry 'Microsoft.ContainerRegistry/registries@2023-07-01' existing = {
  name: registryName
}

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' existing = {
  name: vaultName
}

resource logs 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: '${name}-logs'
  location: location
  properties: {
    sku: {
      name: 'PerGB2018'
    }
    retentionInDays: 30
  }
}

resource platform 'Microsoft.App/managedEnvironments@2024-03-01' = {
  name: '${name}-environment'
  location: location
  properties: {
    appLogsConfiguration: {
      destination: 'log-analytics'
      logAnalyticsConfiguration: {
        customerId: logs.properties.customerId
        sharedKey: logs.listKeys().primarySharedKey
      }
    }
  }
}

// The app's name and the environment's suffix, which the app itself is told; the job is not.
var publicUrl = 'https://${name}.${platform.properties.defaultDomain}'

var registries = [
  {
    server: registry.properties.loginServer
    identity: identity.id
  }
]

var secrets = [
  {
    name: 'tidings-secret'
    keyVaultUrl: '${vault.properties.vaultUri}secrets/tidings-secret'
    identity: identity.id
  }
  {
    name: 'kafka-password'
    keyVaultUrl: '${vault.properties.vaultUri}secrets/kafka-password'
    identity: identity.id
  }
]

var variables = [
  {
    name: 'TIDINGS_PUBLIC_URL'
    value: publicUrl
  }
  {
    name: 'TIDINGS_SECRET'
    secretRef: 'tidings-secret'
  }
  {
    name: 'AZURE_CLIENT_ID'
    value: identity.properties.clientId
  }
  {
    name: 'KAFKA_BROKERS'
    value: kafkaBrokers
  }
  {
    name: 'KAFKA_USERNAME'
    value: kafkaUsername
  }
  {
    name: 'KAFKA_PASSWORD'
    secretRef: 'kafka-password'
  }
]

resource app 'Microsoft.App/containerApps@2024-03-01' = {
  name: name
  location: location
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identity.id}': {}
    }
  }
  properties: {
    environmentId: platform.id
    configuration: {
      activeRevisionsMode: 'Single'
      ingress: {
        external: true
        targetPort: 8080
        transport: 'http'
        allowInsecure: false
      }
      registries: registries
      secrets: secrets
    }
    template: {
      // Handlers and deliveries that are under way end within 8 s.
      terminationGracePeriodSeconds: 30
      containers: [
        {
          name: 'receiver'
          image: image
          args: [
            'node'
            'node_modules/tidings/bin/tidings.js'
            'serve'
            'examples/graph-to-kafka/dist/forward.js'
            '--no-admin'
          ]
          env: variables
          resources: {
            cpu: json('0.5')
            memory: '1Gi'
          }
          probes: [
            {
              type: 'Startup'
              httpGet: {
                path: '/healthz'
                port: 8080
              }
              periodSeconds: 1
              failureThreshold: 30
            }
            {
              type: 'Liveness'
              httpGet: {
                path: '/healthz'
                port: 8080
              }
              periodSeconds: 10
              timeoutSeconds: 5
              failureThreshold: 3
            }
            {
              type: 'Readiness'
              httpGet: {
                path: '/readyz'
                port: 8080
              }
              periodSeconds: 5
              timeoutSeconds: 2
              failureThreshold: 2
            }
          ]
        }
      ]
      scale: {
        minReplicas: minReplicas
        maxReplicas: maxReplicas
        rules: [
          {
            name: 'requests'
            http: {
              metadata: {
                concurrentRequests: '80'
              }
            }
          }
        ]
      }
    }
  }
}

resource apply 'Microsoft.App/jobs@2024-03-01' = {
  name: '${name}-apply'
  location: location
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identity.id}': {}
    }
  }
  properties: {
    environmentId: platform.id
    configuration: {
      triggerType: 'Schedule'
      scheduleTriggerConfig: {
        cronExpression: applySchedule
        parallelism: 1
        replicaCompletionCount: 1
      }
      replicaTimeout: 600
      replicaRetryLimit: 1
      registries: registries
      secrets: secrets
    }
    template: {
      containers: [
        {
          name: 'apply'
          image: image
          args: [
            'node'
            'node_modules/tidings/bin/tidings.js'
            'apply'
            'examples/graph-to-kafka/dist/forward.js'
            '--every'
            '15m'
            '--json'
          ]
          env: variables
          resources: {
            cpu: json('0.25')
            memory: '0.5Gi'
          }
        }
      ]
    }
  }
  // Graph asks the endpoint before it grants a subscription.
  dependsOn: [app]
}

output publicUrl string = publicUrl
